/**
 * Whose key `apiKey` is, where that is another shop than the one that orders are sent to: the service would take both, and
 * the plugin show, change and reassign what belongs to the other one.
 * @param ofKey as the service says; null: it is no shop's
 * @param shop as the option says
 * @returns both of them; null: they are the same
 */
export function otherShop(ofKey: { slug: string } | null | undefined, shop: string): string | null {
  return ofKey && ofKey.slug !== shop ? `${ofKey.slug} (shop: ${shop})` : null;
}
