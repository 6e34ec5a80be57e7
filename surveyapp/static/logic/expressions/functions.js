/**
 * The functions that compute their arguments first, by name; each gets the context before them. A part
 * that few questionnaires need (digests, patterns put together from answers) adds its own.
 *
 * @type {Record<string, (context: Context, ...values: Value[]) => Value>}
 */
export const FUNCTIONS = Object.create(null);
