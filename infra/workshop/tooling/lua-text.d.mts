import type { Plugin } from 'esbuild';

export declare const luaText: Plugin;
export declare function withoutComments(lua: string): string;
