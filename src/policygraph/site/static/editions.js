// What changes with each version stands here, so that the pages need not change with it.
for (const each of document.querySelectorAll("[data-edition]")) {
  const iri = each.dataset.edition;
  const { version, modified } = globalThis.published.editions[iri] ?? {};
  const edition = version ? `, ${document.body.dataset.version} ${version}` : "";
  const line = (text) => `%0A${encodeURIComponent(text)}%0A`;
  if (each instanceof HTMLAnchorElement) each.href = each.href.replace(line(iri), line(iri + edition));
  else each.textContent = modified ? `${edition} (${modified})` : edition;
}
