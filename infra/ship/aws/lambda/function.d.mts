/** The bundle that the build puts beside the entry. */
export const handler: (event: unknown) => Promise<unknown>;
