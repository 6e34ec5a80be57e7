/** An interview under way as lines of the emergency file (`field/rescue.js`), which only the server opens. */

import { base64urlOf, sha256Of } from "./bytes.js";
import { sealed, sealedBytes } from "./sealing.js";

/** The line of a file. @param {JsonWebKey} serverKey @param {BufferSource} content @returns {Promise<object>} */
export const fileLine = async (serverKey, id, sha256, content) => ({
  id,
  sha256,
  file: base64urlOf(await sealedBytes(serverKey, `${id} ${sha256}`, content)),
});

/**
 * The lines of a draft, its files first; none of practice. The server works its answers out of what is kept of it.
 * @param {Keeper} keeper  whose draft it is @returns {Promise<object[]>}
 */
export const draftLines = async (keeper, serverKey, id) => {
  const draft = await keeper.read(id);
  if (!draft || draft.practice) return [];
  const [lines, attachments] = [[], []];
  for (const { path, content } of await keeper.filesOf(id)) {
    const sha256 = await sha256Of(content);
    const { name, type, size } = draft.files[path];
    attachments.push({ name, type, size, sha256 });
    lines.push(await fileLine(serverKey, id, sha256, content));
  }
  const whole = JSON.stringify({ ...draft, attachments });
  return [...lines, { id, device: keeper.vault.person, draft: await sealed(serverKey, id, whole) }];
};
