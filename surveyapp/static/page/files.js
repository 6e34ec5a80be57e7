/** The files of a draft: which there are, and what is told of them. Taking one is a part of its own. */

import { movedPath, moveUp } from "./answers.js";
import { fileSize } from "./wording.js";

export class Files {
  /** @param {Visit} visit */
  constructor(visit) {
    this.visit = visit;
    /** by path `{name, type, size}` */
    this.kept = { __proto__: null, ...visit.draft.kept.files };
  }

  /** @param {Blob} blob */
  async add(path, blob, name) {
    const { draft, keeper, answers } = this.visit;
    this.visit.note();
    await draft.flush();
    await keeper.addFile(draft.kept.id, path, blob, name);
    this.kept[path] = { name, type: blob.type, size: blob.size };
    delete answers.refused[path];
    answers.set(path, name);
    await draft.flush();
  }

  async remove(path) {
    const { draft, keeper, answers } = this.visit;
    delete this.kept[path];
    answers.set(path, null);
    await draft.flush();
    await keeper.removeFile(draft.kept.id, path);
  }

  read(path) {
    return this.visit.keeper.file(this.visit.draft.kept.id, path);
  }

  /** A roster instance was taken away: its files go, and those of the instances after it move up. */
  async moveUp(instance) {
    const { draft, keeper } = this.visit;
    const moves = Object.keys(this.kept)
      .map((path) => [path, movedPath(path, instance)])
      .filter(([path, moved]) => path !== moved);
    if (!moves.length) return;
    await keeper.moveFiles(draft.kept.id, moves);
    moveUp(this.kept, instance);
  }

  /** In words: “0.2 MB”. */
  size(path) {
    return this.kept[path] ? fileSize(this.kept[path].size) : "";
  }
}
