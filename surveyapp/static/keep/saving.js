/** Files for people to carry. */

/** Save something as a file that is named by what it is and when. @param {Blob} content */
export const saveFile = (content, kind) => {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.download = `surveys-${new Date().toISOString().slice(0, 16).replace(":", "")}.${kind}`;
  link.href = address;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};
