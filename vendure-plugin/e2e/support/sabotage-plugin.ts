import { EventBus, OrderPlacedEvent, PluginCommonModule, VendurePlugin } from '@vendure/core';

let fail = false;
/** The next order that is placed fails after every other handler has done its part: all of it must be rolled back. */
export function failNextPlacement(): void {
  fail = true;
}

@VendurePlugin({ imports: [PluginCommonModule], compatibility: '^3.0.0' })
export class SabotagePlugin {
  constructor(private readonly eventBus: EventBus) {}

  onApplicationBootstrap(): void {
    this.eventBus.registerBlockingEventHandler({
      id: 'sabotage',
      after: 'driver-dispatch-placed',
      event: OrderPlacedEvent,
      handler: () => {
        if (!fail) return;
        fail = false;
        throw new Error('sabotaged');
      },
    });
  }
}
