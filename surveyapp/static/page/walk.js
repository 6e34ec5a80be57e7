/** The pages of the plan, as the server cut them, in every roster instance that there is. */

import { form, made } from "./frame.js";

/**
 * @typedef {object} Planned
 * @property {number} number
 * @property {string[]} rosters  item paths, outermost first
 * @property {string} lists  the roster whose instances it lists
 * @property {string} container  the item whose label its heading is
 * @property {string} section
 * @property {Element} source  its element, or the one in its template
 * @property {HTMLTemplateElement} [template]
 * @property {Element} [first]  of a roster: the page of the first instance, if all begins with it
 * @property {string[]} names  item paths of its questions and notes; what only heads them is none
 */

/** @returns {Planned[]} */
export const plannedPages = () =>
  [...form.children].flatMap((element) => {
    const first = element.dataset.rosters ? element : undefined;
    const template = element.content ? element : first && templateOf(first);
    const source = template ? template.content.querySelector(".page") : element;
    if (!source.dataset.page) return [];
    const { page, rosters, lists = "", container = "", section = "" } = source.dataset;
    return {
      number: Number(page),
      rosters: rosters ? rosters.split(" ") : [],
      lists,
      container,
      section,
      source,
      template,
      first,
      names: [...source.querySelectorAll("[data-q]:not([data-heading])")].map(({ dataset }) => dataset.q.replace(/\[\d+\]/g, "")),
    };
  });

/** A template for the other instances of a page that stands there already. */
const templateOf = (page) => {
  const template = made("template");
  template.content.append(page.cloneNode(true));
  template.content.firstChild.hidden = true;
  page.after(template);
  return template;
};

/** The node of an item in some roster instances. */
export const nodePath = (path, rosters, positions) => {
  let item = "";
  const steps = path.split("/").map((name) => {
    item = item ? `${item}/${name}` : name;
    const position = positions[rosters.indexOf(item)];
    return position ? `${name}[${position}]` : name;
  });
  return steps.join("/");
};

/** One page: `positions` says of which instance of each roster around it. */
export class Page {
  constructor(planned, positions) {
    this.planned = planned;
    this.positions = positions;
    this.key = [planned.number, ...positions].join("-");
  }

  node(path) {
    return nodePath(path, this.planned.rosters, this.positions);
  }

  /** The innermost roster instance around it; undefined outside of rosters. */
  get instance() {
    const roster = this.planned.rosters[this.planned.rosters.length - 1];
    return roster && this.node(roster);
  }

  /** The roster that it lists, as a whole. */
  get listed() {
    return this.planned.lists && this.node(this.planned.lists);
  }

  /** Node paths of its questions and notes. */
  get paths() {
    return this.planned.names.map((name) => this.node(name));
  }
}

export class Walk {
  constructor(interview, planned) {
    this.interview = interview;
    this.planned = planned;
  }

  /** Every page, whether it asks something now or not. @returns {Page[]} */
  pages() {
    return this.expanded(this.planned, []);
  }

  expanded(planned, positions) {
    const depth = positions.length;
    const found = [];
    for (let at = 0, end; at < planned.length; at = end) {
      const { rosters } = planned[at];
      const roster = rosters[depth];
      for (end = at + 1; end < planned.length && planned[end].rosters[depth] === roster; ) end++;
      const run = planned.slice(at, end);
      if (!roster) found.push(...run.map((each) => new Page(each, positions)));
      else {
        const count = this.interview.instances(nodePath(roster, rosters, positions));
        for (let position = 1; position <= count; position++) found.push(...this.expanded(run, [...positions, position]));
      }
    }
    return found;
  }

  /** Those that have something to ask or to say. */
  open() {
    return this.pages().filter((page) => this.isOpen(page));
  }

  isOpen(page) {
    if (page.listed) return this.interview.relevant(page.listed);
    return page.paths.some((path) => this.interview.relevant(path));
  }

  /** The page of a question. */
  pageOf(path) {
    return this.pages().find((page) => page.paths.includes(path));
  }

  /** The first page of a roster instance. */
  firstOf(instance) {
    return this.pages().find((page) => page.paths.some((path) => path.startsWith(`${instance}/`)));
  }
}
