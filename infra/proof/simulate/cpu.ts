/** Milliseconds of CPU that each piece of work took: other work on the machine, and waiting for it, left out. */
export interface CpuClock {
  readonly ms: number[];
  time<Result>(work: () => Result): Result;
}

export function openCpuClock(): CpuClock {
  const ms: number[] = [];
  return {
    ms,
    time: (work) => {
      const before = process.cpuUsage();
      const result = work();
      const { user, system } = process.cpuUsage(before);
      ms.push((user + system) / 1_000);
      return result;
    },
  };
}
