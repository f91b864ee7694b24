export const serviceRoot: string;
export function buildService(): void;
export function startStores(names: readonly string[]): Promise<{
  redisUrl: string;
  databases: Record<string, string>;
  stop(): Promise<void>;
}>;
