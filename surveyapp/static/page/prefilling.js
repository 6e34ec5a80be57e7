/** What the office knows beforehand is put into a new interview, to be looked over there as any answer is. */

/**
 * @param {Interview} interview
 * @param {Record<string, any>} answers  by node path; one that the version has no place for stays out
 */
export const prefill = (interview, answers) => {
  for (const [path, value] of Object.entries(answers)) {
    try {
      makeRoom(interview, path);
      interview.set(path, value);
    } catch (error) {
      console.error(error?.name);
    }
  }
};

/** `child[2]/c_age` needs two children. */
const makeRoom = (interview, path) => {
  for (const step of path.matchAll(/\[(\d+)\]/g)) {
    const roster = path.slice(0, step.index);
    while (interview.instances(roster) < Number(step[1])) interview.addInstance(roster);
  }
};
