/**
 * What has changed in an interview, and so what must be evaluated anew.
 *
 * @typedef {object} Change
 * @property {Set<Item>} [items]  whose values changed; none: everything may have changed
 * @property {Set<Branch>} [instances]  roster instances in which they changed
 * @property {Set<Item>} [resized]  rosters of which instances came or went
 */

import { instancesAround } from "./nodes.js";

/** Nothing has been evaluated yet. @type {Change} */
export const EVERYTHING = {};

/** The values of these leaves, all of one item, changed. @returns {Change} */
export const changeOf = (leaves) => ({
  items: new Set(leaves.map((leaf) => leaf.item)),
  instances: new Set(leaves.flatMap(instancesAround)),
});

/** Instances of these rosters came or went. @returns {Change} */
export const resizing = (plan, rosters) => ({
  items: new Set(rosters.flatMap((roster) => plan.within(roster))),
  instances: new Set(),
  resized: new Set(rosters),
});

/** The items that follow from a change; undefined: all. @returns {Set<Item> | undefined} */
export const followingFrom = (plan, { items }) =>
  items && new Set([...items].flatMap((item) => [...plan.following(item)]));

/**
 * Whether a volatile calculation, which otherwise keeps its value, is evaluated anew: where something
 * changed that its expression itself refers to, in the same roster instances (as in JavaRosa).
 */
export const redraws = (plan, { items, instances, resized }, node) => {
  const { item } = node;
  const touched = [...(items ?? [])].filter((each) => item.redrawn_by?.includes(each.index));
  if (!touched.length) return false;
  if (resized) {
    const own = containersAround(item).filter((container) => resized.has(container));
    return touched.some((each) => resized.has(each) || !own.some((roster) => plan.within(roster).includes(each)));
  }
  const rosters = new Set([...instances].map((instance) => instance.item));
  return instancesAround(node).every((instance) => !rosters.has(instance.item) || instances.has(instance));
};

const containersAround = ({ container }) => (container ? [container, ...containersAround(container)] : []);
