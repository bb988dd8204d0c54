import { expect, type Page } from 'playwright/test'

/** Waits until an example can be used, its model loaded. */
export async function waitUntilReady(page: Page, timeoutMs = 60_000): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-state', 'ready', { timeout: timeoutMs })
}
