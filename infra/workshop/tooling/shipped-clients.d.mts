export declare const shippedClients: {
  name: string;
  enforce: 'pre';
  buildStart(): Promise<void>;
  resolveId(id: string, importer?: string): string | undefined;
};
