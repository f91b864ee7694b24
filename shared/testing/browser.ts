import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { clickFaults } from './click-faults.ts';

const CHROMIUM = '/usr/bin/chromium';
const SHOTS = path.join(projectRoot(), 'infra', 'product', 'guides', 'screenshots');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface View {
  dark?: boolean;
  /** 390 × 844, touched instead of clicked. */
  phone?: boolean;
  geolocation?: { latitude: number; longitude: number };
  /** What the reader's browser speaks; British English, if absent. */
  locale?: string;
}

export interface TestBrowser {
  /** A visitor without the cookies of others. A fault in the page's script fails the test that closes it. */
  visit(url: string, view?: View): Promise<Page>;
  /** Faults of scripts and refusals by the content security policy, since the last question. */
  faults(): readonly string[];
  close(): Promise<void>;
}

/** @throws Error naming the package, where there is no browser */
export async function openBrowser(): Promise<TestBrowser> {
  if (!existsSync(CHROMIUM))
    throw new Error(`The tests of the pages need ${CHROMIUM}: install the Debian package "chromium".`);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const contexts: BrowserContext[] = [];
  let faults: string[] = [];
  return {
    async visit(url, { dark = false, phone = false, geolocation, locale = 'en-GB' } = {}) {
      const context = await browser.newContext({
        colorScheme: dark ? 'dark' : 'light',
        viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
        hasTouch: phone,
        locale,
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
        ...(geolocation && { geolocation, permissions: ['geolocation'] }),
      });
      contexts.push(context);
      context.setDefaultTimeout(8_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && /Content Security Policy|Refused/i.test(message.text()))
          faults.push(message.text());
      });
      page.on('request', (request) => {
        const { host } = new URL(request.url());
        if (host !== '' && host !== new URL(url).host) faults.push(`asked ${host}`);
      });
      await page.goto(url);
      return page;
    },
    faults() {
      const since = faults;
      faults = [];
      return since;
    },
    close: async () => {
      for (const context of contexts) await context.close();
      await browser.close();
    },
  };
}

/**
 * A small picture for the guides, where it is missing or PICTURES=new asks for another one: each run's differ a little.
 * @throws Error where something on it cannot be clicked: what is worth a picture is what people work with
 */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const faults = await clickFaults(page);
  if (faults.length > 0) throw new Error(`${name}: ${faults.join('; ')}`);
  const file = path.join(SHOTS, `${name}.png`);
  if (existsSync(file) && process.env.PICTURES !== 'new') return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: file, animations: 'disabled', scale: 'css' });
}
