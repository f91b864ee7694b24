/** What `{s}` in the host of map tiles stands for: by convention, and to the map that asks for them. */
export const TILE_SUBDOMAINS = ['a', 'b', 'c'] as const;
