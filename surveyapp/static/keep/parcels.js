/**
 * Handing an interview under way over: to a colleague on this phone, sealed to a key that only their PIN opens;
 * or to another phone by a file, encrypted under a code that one says and the other types. A parcel is the
 * draft with its files.
 *
 * On this phone the draft changes hands in one transaction. With a file it stays, marked (`handed_at`), until its
 * owner deletes it: nobody but the colleague can tell that the file arrived. If both finish it, the server keeps
 * the second record apart.
 */

import { base64urlOf, bytesOf, fromBase64, joinedBytes } from "./bytes.js";
import { decrypted, encrypted, ROUNDS, stretched } from "./ciphers.js";
import { resultOf, startingWith } from "./database.js";
import { KeepError } from "./failures.js";
import { draftLines } from "./lines.js";
import { localTime } from "./moments.js";
import { CURVE, drawnKey, pointOf, sealedBytes } from "./sealing.js";
import { changeSetting, readSetting, settingsNamed } from "./settings.js";

const FORMAT = "surveyapp handover 1";
/** 53 bits, and each guess takes a phone about a second: digits, since every keyboard has them. */
const CODE_DIGITS = 16;
const CODE_GROUP = 4;
/** A file from elsewhere must not make the phone calculate for hours. */
const MOST_ROUNDS = 10 * ROUNDS;
const POINT = 65;
const NONCE = 12;
const TOUCHED = ["drafts", "files", "contents", "outbox", "receipts", "settings"];

// ------------------------------------------------------------ on this phone

/** Make a key to which colleagues on this phone can seal work. Its private half lies under the PIN. */
export const becomeReachable = async ({ database, vault }) => {
  const name = handName(vault.person);
  const former = await readSetting(database, name);
  // after a new start with another PIN nothing opens the former key any more
  if (former && (await vault.decrypt(name, former.secret).catch(() => undefined))) return;
  const pair = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
  const [open, secret] = [
    await crypto.subtle.exportKey("jwk", pair.publicKey),
    await vault.encrypt(name, await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
  ];
  await changeSetting(database, name, () => ({ open, secret }));
};

/** Whether a colleague on this phone can be given work: whoever has opened it once. @returns {Promise<boolean>} */
export const isReachable = async (database, person) => Boolean(await readSetting(database, handName(person)));

/** Give a draft to a colleague on this phone. Rejects with `gone`, `open_elsewhere`. */
export const giveTo = async (keeper, id, person) => {
  await alone(keeper, id, async () => {
    const { database } = keeper;
    const { open } = await readSetting(database, handName(person));
    const sealed = await sealedBytes(open, parcelName(id), await packedDraft(keeper, id));
    const serverKey = await readSetting(database, "sealing_key");
    // a colleague who never comes must not take the interview along: the emergency file has it for the office
    const office = serverKey && (await draftLines(keeper, serverKey, id));
    const value = { id, from: keeper.vault.person, sealed, office };
    await database.change(["drafts", "files", "contents", "settings"], async (stores) => {
      if (!(await resultOf(stores.drafts.getKey(id)))) throw new KeepError("gone");
      stores.settings.put({ name: `parcel ${person} ${id}`, value });
      stores.drafts.delete(id);
      for (const store of [stores.files, stores.contents]) store.delete(startingWith(id));
    });
  });
};

/** Take what colleagues gave; what cannot be opened stays as it is. @returns {Promise<number>} how many drafts */
export const takeGiven = async (keeper) => {
  const { database, vault } = keeper;
  let taken = 0;
  for (const { id, sealed } of await settingsNamed(database, `parcel ${vault.person}`)) {
    try {
      await put(keeper, parsed(await openedBytes(keeper, id, sealed)), `parcel ${vault.person} ${id}`);
      taken += 1;
    } catch (error) {
      console.error(error?.name, error?.code ?? "");
    }
  }
  return taken;
};

const openedBytes = async ({ database, vault }, id, sealed) => {
  const name = handName(vault.person);
  const { open, secret } = await readSetting(database, name);
  const mine = await crypto.subtle.importKey("pkcs8", await vault.decrypt(name, secret), CURVE, false, ["deriveBits"]);
  const ours = await pointOf(await crypto.subtle.importKey("jwk", open, CURVE, true, []));
  const [theirs, iv] = [sealed.subarray(0, POINT), sealed.subarray(POINT, POINT + NONCE)];
  const other = await crypto.subtle.importKey("raw", theirs, CURVE, true, []);
  const key = await drawnKey(other, mine, joinedBytes(theirs, ours));
  return decrypted(key, parcelName(id), { iv, sealed: sealed.subarray(POINT + NONCE) });
};

const handName = (person) => `hand ${person}`;
const parcelName = (id) => `handover ${id}`;

// ------------------------------------------------------------ to another phone

/**
 * A draft as a file for a colleague's phone, and the code that opens it. Rejects with `gone`, `open_elsewhere`.
 * @returns {Promise<{file: Blob, code: string}>}
 */
export const parcelFor = async (keeper, id) => {
  let made;
  await alone(keeper, id, async () => {
    const code = newCode();
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const { iv, sealed } = await encrypted(await keyOf(code, salt, ROUNDS), FORMAT, await packedDraft(keeper, id));
    const told = { format: FORMAT, rounds: ROUNDS, salt: base64urlOf(salt), iv: base64urlOf(iv), sealed: base64urlOf(sealed) };
    made = { file: new Blob([JSON.stringify(told)], { type: "application/octet-stream" }), code: grouped(code) };
    await keeper.save({ ...(await keeper.read(id)), handed_at: localTime() });
  });
  return made;
};

/** Take a draft out of a file. Rejects with `no_parcel`, `wrong_code`, `here_already`. @returns {Promise<object>} the draft */
export const takeFrom = async (keeper, file, typed) => {
  const told = await readParcel(file);
  const key = await keyOf(typed.replace(/\D/g, ""), fromBase64(told.salt), told.rounds);
  const cipher = { iv: fromBase64(told.iv), sealed: fromBase64(told.sealed) };
  const content = await decrypted(key, FORMAT, cipher).catch(() => {
    throw new KeepError("wrong_code");
  });
  return put(keeper, parsed(content));
};

const readParcel = async (file) => {
  const told = await new Response(file).json().catch(() => undefined);
  const isOne = told?.format === FORMAT && told.rounds > 0 && told.rounds <= MOST_ROUNDS;
  const isWhole = isOne && [told.salt, told.iv, told.sealed].every((each) => /^[\w-]+$/.test(each));
  if (!isWhole) throw new KeepError("no_parcel");
  return told;
};

const newCode = () => {
  // a byte above 249 would make some digits likelier than others
  const digits = [];
  while (digits.length < CODE_DIGITS)
    for (const byte of crypto.getRandomValues(new Uint8Array(CODE_DIGITS))) if (byte < 250) digits.push(byte % 10);
  return digits.slice(0, CODE_DIGITS).join("");
};

const grouped = (code) => code.match(new RegExp(`.{${CODE_GROUP}}`, "g")).join(" ");

const keyOf = async (code, salt, rounds) => {
  const bits = await stretched(code, salt, rounds);
  return crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]);
};

// ------------------------------------------------------------ what is in a parcel

/** No other tab may write to a draft while it is packed. */
const alone = async (keeper, id, work) => {
  if (!(await keeper.hold(id))) throw new KeepError("open_elsewhere");
  try {
    await work();
  } finally {
    keeper.release(id);
  }
};

/** @returns {Promise<Uint8Array>} */
const packedDraft = async (keeper, id) => {
  const draft = await keeper.read(id);
  if (!draft) throw new KeepError("gone");
  const files = (await keeper.filesOf(id)).map(({ path, content }) => ({ path, content: base64urlOf(content) }));
  return bytesOf(JSON.stringify({ draft: { ...draft, handed_at: undefined }, files }));
};

const parsed = (content) => JSON.parse(new TextDecoder().decode(content));

/**
 * Write a draft down as one's own, in one transaction; `from`: the setting that it came by. One that is here
 * already stays, unless its owner had handed it over and it comes back. What was sent from here and is being mended
 * is no such one.
 */
const put = async (keeper, { draft, files }, from) => {
  const { database, vault } = keeper;
  const mine = await keeper.read(draft.id);
  const rows = await rowsOf(vault, draft, files);
  await database.change(TOUCHED, async (stores) => {
    const [open, waiting, sent] = await Promise.all(
      ["drafts", "outbox", "receipts"].map((name) => resultOf(stores[name].get(draft.id))),
    );
    const isSent = sent && !(draft.base_revision >= sent.revision);
    if ((open || waiting || isSent) && !mine?.handed_at) throw new KeepError("here_already");
    for (const store of [stores.files, stores.contents]) store.delete(startingWith(draft.id));
    stores.drafts.put(rows.draft);
    for (const row of rows.files) stores.files.put(row);
    for (const row of rows.contents) stores.contents.put(row);
    if (from) stores.settings.delete(from);
  });
  return draft;
};

/** The rows as the keeper has them (`keeper.js`). */
const rowsOf = async (vault, { files: about, ...draft }, files) => {
  const { id, changed_at } = draft;
  const row = { id, door: "field", changed_at, owner: vault.person };
  const told = Object.entries(about).map(async ([path, each]) => ({
    ...{ draft: id, path },
    ...(await vault.encrypt(`${id} ${path} about`, bytesOf(JSON.stringify(each)))),
  }));
  const kept = files.map(async ({ path, content }) => ({
    ...{ draft: id, path },
    ...(await vault.encrypt(`${id} ${path}`, fromBase64(content))),
  }));
  return {
    draft: { ...row, ...(await vault.encrypt(id, bytesOf(JSON.stringify(draft)))) },
    files: await Promise.all(told),
    contents: await Promise.all(kept),
  };
};
