import type { Plugin } from 'esbuild';

export declare const browserPages: Plugin;
export declare const browserPagesInTests: {
  name: string;
  enforce: 'pre';
  resolveId(id: string): string | undefined;
  load(id: string): Promise<string | undefined>;
};
