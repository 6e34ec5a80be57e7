/** Why something could not be kept: one word that a page has a sentence for. */
export class KeepError extends Error {
  /** @param {"unavailable" | "full" | "gone" | "locked"} code */
  constructor(code, cause) {
    super(code);
    this.name = "KeepError";
    this.code = code;
    this.cause = cause;
  }
}

const CODES = { QuotaExceededError: "full", InvalidStateError: "unavailable", VersionError: "unavailable" };

/** The same failure in our words; what is none of ours stays as it is. @returns {Error} */
export const inOurWords = (error) => {
  if (error?.name === "KeepError") return error;
  // a disk that is full without a quota being reached is an UnknownError in Chromium, an AbortError elsewhere
  const code = CODES[error?.name] ?? (/quota|full|space/i.test(error?.message ?? "") ? "full" : "unavailable");
  return new KeepError(code, error);
};
