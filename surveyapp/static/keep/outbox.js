/** The outbox, as it is shown. */

import { resultOf } from "./database.js";

/** What waits, oldest first. @returns {Promise<Entry[]>} */
export const entriesIn = async (database, vault) => {
  const rows = await database.look(["outbox"], ({ outbox }) => resultOf(outbox.getAll()));
  rows.sort((one, other) => one.added_at - other.added_at);
  return Promise.all(rows.map(async (row) => entryFrom(row, await nameIn(row, vault))));
};

const entryFrom = (row, name) => ({
  id: row.id,
  door: row.door,
  owner: row.owner,
  questionnaire: row.questionnaire,
  version: row.version,
  name,
  finished_at: row.finished_at,
  state: row.state,
  reason: row.reason,
  errors: row.errors,
  next_try: row.next_try,
  size: row.files.reduce((total, file) => total + file.size, 0),
  sent: row.files.reduce((total, file) => total + file.sent, 0),
});

/** Names of families are in drafts' names now and then: only their owner sees them. */
const nameIn = async (row, vault) => {
  if (!row.label) return row.name;
  if (vault?.person !== row.owner) return undefined;
  return new TextDecoder().decode(await vault.decrypt(`${row.id} name`, row.label));
};
