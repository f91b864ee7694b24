import { LANGUAGES, type Language } from '#shared/pages/spoken.ts';
import { MAP_APPS, type MapApp, usualMapApp } from './navigation.ts';
import { onShelf } from './shelf.ts';

/** Of this phone, whoever drives with it. */
export interface Settings {
  /** Null: as the phone speaks. */
  language: Language | null;
  mapApp: MapApp;
  sound: boolean;
  vibration: boolean;
  /** The screen stays on while on duty: a page behind a dark screen sends nothing. */
  awake: boolean;
}

export async function readSettings(): Promise<Settings> {
  const kept = (await onShelf((shelf) => shelf.get('settings', 'these'))) as Partial<Settings> | undefined;
  const { language, mapApp, sound = true, vibration = true, awake = true } = kept ?? {};
  return {
    // What another version has kept may be no longer, or not yet, among ours.
    language: language && Object.hasOwn(LANGUAGES, language) ? language : null,
    mapApp: mapApp && MAP_APPS.includes(mapApp) ? mapApp : usualMapApp(navigator.userAgent),
    sound,
    vibration,
    awake,
  };
}

export async function keepSettings(settings: Settings): Promise<void> {
  await onShelf((shelf) => shelf.put('settings', settings, 'these'));
}
