"""What pages do beyond being read: the index searches, and a plugin's page copies its command. Without it both are complete."""

from typing import Final

SEARCH: Final = """
"use strict";
(() => {
  const search = document.getElementById("search");
  const query = document.getElementById("query");
  const found = document.getElementById("found");
  const none = document.getElementById("none");
  const cards = Array.from(document.querySelectorAll("#plugins > li"), (card) => [card, card.textContent.toLowerCase()]);
  const show = () => {
    const words = query.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    for (const [card, text] of cards) {
      card.hidden = !words.every((word) => text.includes(word));
      count += card.hidden ? 0 : 1;
    }
    found.textContent = words.length ? `${count} of ${cards.length}` : `${cards.length} in all`;
    none.hidden = count > 0;
  };
  query.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== query && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && document.activeElement === query) {
      query.value = "";
      show();
    }
  });
  search.hidden = false;
  show();
})();
"""

COPY: Final = """
"use strict";
(() => {
  const button = document.getElementById("copy");
  const command = document.getElementById("command");
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command);
      button.textContent = "Selected; copy it with your keyboard";
    }
  });
})();
"""
