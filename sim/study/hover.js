"use strict";
// Labels of marks are there without this script, too, but browsers take a second to show them.
const box = document.body.appendChild(document.createElement("div"));
box.id = "hover";
for (const title of document.querySelectorAll(".mark > title")) {
  title.parentNode.says = title.textContent;
  title.remove();
}
document.addEventListener("pointerover", (event) => {
  box.textContent = event.target.says ?? "";
  box.style.display = box.textContent ? "block" : "none";
});
document.addEventListener("pointermove", (event) => {
  const left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8);
  const below = event.clientY + 16;
  const fits = below + box.offsetHeight < innerHeight;
  box.style.left = `${Math.max(left, 4)}px`;
  box.style.top = `${fits ? below : event.clientY - box.offsetHeight - 10}px`;
});
