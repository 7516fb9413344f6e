// What the person sets for the page itself: the theme, whether drafts are marked, and the token of the server.
import { keepToken } from "./api";
import { element } from "./report";

export function applyPreferences(): void {
  const theme = element<HTMLSelectElement>("theme");
  theme.value = localStorage.getItem("fastapply.theme") ?? "auto";
  function setTheme(): void {
    document.documentElement.dataset.theme = theme.value;
  }
  theme.addEventListener("change", () => {
    localStorage.setItem("fastapply.theme", theme.value);
    setTheme();
  });
  setTheme();

  const drafts = element<HTMLInputElement>("show-drafts");
  function setDrafts(): void {
    document.body.classList.toggle("drafts", drafts.checked);
  }
  drafts.addEventListener("change", setDrafts);
  setDrafts();
}

export function askToken(then: () => Promise<void>): void {
  const dialog = element<HTMLDialogElement>("token-dialog");
  const input = element<HTMLInputElement>("token");
  dialog.showModal();
  element<HTMLFormElement>("token-form").onsubmit = (event) => {
    event.preventDefault();
    dialog.close();
    keepToken(input.value.trim());
    input.value = "";
    void then();
  };
}
