/** Lua scripts are files; the bundler and the test runner both load them as text. */
declare module '*.lua' {
  const text: string;
  export default text;
}
/** `page:console` is functions/console/page, bundled for browsers (infra/workshop/tooling/browser-pages.mjs). */
declare module 'page:*' {
  const page: import('./http/page.ts').Page;
  export default page;
}
