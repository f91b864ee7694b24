/** Lua scripts are files; the bundler and the test runner both load them as text. */
declare module '*.lua' {
  const text: string;
  export default text;
}
