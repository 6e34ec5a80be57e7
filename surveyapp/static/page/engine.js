/** The logic, which stands before this in the same file (`surveyapp/assets.py` joins them). */

export const engine = globalThis.surveyLogic;

/** Load the parts beside the logic that a questionnaire needs. @param {Record<string, string>} addresses */
export const install = async (parts, addresses) => {
  const loaded = await Promise.all(parts.map((part) => import(addresses[part])));
  loaded.forEach((each) => each.install(engine));
};
