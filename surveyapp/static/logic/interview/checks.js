/** What is wrong with the answers of an interview, and what is doubtful. */

import { unoffered } from "./choices.js";

/**
 * The code of what is wrong with one answer (`required`, `choice`, `constraint`); of an empty one only
 * that it is required. @returns {string | undefined}
 */
export const errorOf = (scope, leaf) => {
  const { item } = leaf;
  if (item.kind !== "question" || !leaf.relevant) return undefined;
  if (leaf.stored === null) return isRequired(scope, leaf) ? "required" : undefined;
  if (unoffered(scope, leaf).length) return "choice";
  return scope.holds(item.constraint, leaf, "constraint", true) ? undefined : "constraint";
};

/** `warning` if the soft check of one answer asks; of an empty answer too. */
export const warningOf = (scope, leaf) =>
  leaf.relevant && scope.holds(leaf.item.warning, leaf, "survey:warning", false) ? "warning" : undefined;

export const isRequired = (scope, leaf) => leaf.relevant && scope.holds(leaf.item.required, leaf, "required", false);

export const isReadOnly = (scope, leaf) =>
  (leaf.item.kind === "question" && !!leaf.item.calculation) || scope.holds(leaf.item.read_only, leaf, "readonly", false);
