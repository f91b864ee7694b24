declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  /** RFC 8188; as far as a test needs it. @throws where the keys or the text are others */
  export function decrypt(
    text: Buffer,
    options: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string },
  ): Buffer;
}
