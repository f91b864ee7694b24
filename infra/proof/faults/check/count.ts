/** Told by a check how many things it has judged, whatever it counts: what every excuse has met is judged by nobody. */
export type Count = (things: number) => void;

export const UNCOUNTED: Count = () => {};
