/**
 * esbuild plugin: leaves out of a bundle what the Postgres client carries and this service never asks for: logical
 * replication (`sql.subscribe`), 4 KiB.
 */
export const slimPostgres = {
  name: 'slim-postgres',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/]postgres[\\/]src[\\/]subscribe\.js$/ }, () => ({
      contents: `export default () => () => { throw new Error('logical replication is left out of this bundle'); };`,
    }));
  },
};
