// A page cannot look into the sandboxed frame of a card, so the card says how high it is.
new ResizeObserver(() => parent.postMessage(document.documentElement.getBoundingClientRect().height, "*")).observe(
  document.documentElement,
);
// Nothing in the attributes of a card runs, and so Anki's hints are opened from here. A link would replace the card by
// what is not allowed there, so the page around it is told, which may open it.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link) return;
  event.preventDefault();
  const text = link.nextElementSibling;
  if (link instanceof HTMLElement && link.matches(".hint") && text instanceof HTMLElement) {
    link.style.display = "none";
    text.style.display = "block";
  } else parent.postMessage({ link: link.getAttribute("href") }, "*");
});
