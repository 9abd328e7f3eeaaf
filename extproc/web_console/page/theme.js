// Light, dark, or as the system says.

const KEY = "dragoman-theme";
const NEXT = { system: "light", light: "dark", dark: "system" };
const SCHEMES = { system: "light dark", light: "light", dark: "dark" };

/** Has a button go through the themes; what was chosen is remembered. */
export function startTheme(button) {
  const apply = (theme) => {
    document.documentElement.style.colorScheme = SCHEMES[theme];
    button.textContent = `Theme: ${theme}`;
  };
  const stored = () => (localStorage.getItem(KEY) in NEXT ? localStorage.getItem(KEY) : "system");
  button.addEventListener("click", () => {
    localStorage.setItem(KEY, NEXT[stored()]);
    apply(stored());
  });
  apply(stored());
}
