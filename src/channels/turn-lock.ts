/**
 * One thing at a time: tasks run in the order they were asked for, each after the one before has
 * settled, failed or not. The lock that keeps commands out of an agent's half-made step.
 */
export class TurnLock {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all earlier ones are done; settles as it does. Not reentrant. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task, task);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
