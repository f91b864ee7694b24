import type { DeepPartial } from '@vendure/common/lib/shared-types';
import { VendureEntity } from '@vendure/core';
import { Column, Entity, Index } from 'typeorm';

/** A message of the service that was dealt with: its id is dealt with once. Forgotten after some days. */
@Entity('driver_dispatch_received_event')
export class ReceivedEvent extends VendureEntity {
  constructor(input?: DeepPartial<ReceivedEvent>) {
    super(input);
  }

  @Index({ unique: true })
  @Column({ type: 'varchar', length: 255 })
  messageId: string;

  /** Of the raw body: the same id with another body is not a repetition. */
  @Column({ type: 'varchar', length: 64 })
  bodySha256: string;
}
