/** How many conditions are true, counted or weighed: a part beside the logic, for questionnaires that ask. */

/** Factors and their weights in turn, or a nodeset of factors and one of weights. */
const factorsAndWeights = (pairs, valuesOf, fail) => {
  if (pairs.length === 2 && pairs.every(Array.isArray)) {
    if (pairs[0].length !== pairs[1].length) fail("lengths");
    return pairs.map(valuesOf);
  }
  return [0, 1].map((odd) => pairs.filter((_, index) => index % 2 === odd));
};

/** Add the functions to the logic. */
export const install = ({ FUNCTIONS, fail, toNumber }) => {
  const isTrue = (value) => FUNCTIONS.boolean(null, value);
  const index = (value) => Math.trunc(Math.max(-(2 ** 31), Math.min(toNumber(value), 2 ** 31 - 1))) || 0;
  const valuesOf = (nodes) => nodes.map((node) => node.value());

  FUNCTIONS.checklist = (_, least, most, ...factors) => {
    const alone = factors.length === 1 && Array.isArray(factors[0]);
    const count = (alone ? valuesOf(factors[0]) : factors).filter(isTrue).length;
    const [low, high] = [least, most].map(index);
    return (low < 0 || count >= low) && (high < 0 || count <= high);
  };
  FUNCTIONS["weighted-checklist"] = (_, least, most, ...pairs) => {
    const [factors, weights] = factorsAndWeights(pairs, valuesOf, fail);
    const sum = weights.reduce((sum, weight, place) => sum + (isTrue(factors[place]) ? toNumber(weight) : 0), 0);
    return toNumber(least) <= sum && sum <= toNumber(most);
  };
};
