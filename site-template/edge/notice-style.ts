/** How notices look: a title card in a frame, quiet, light or dark as the viewer's system is. */

export const NOTICE_STYLE = `
:root { --paper: #f6f6f4; --card: #fff; --ink: #1b1b1f; --quiet: #62626b; --line: #d9d9d6; --mark: #4f46e5; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131315; --card: #1b1b1e; --ink: #ededf0; --quiet: #a2a2ac; --line: #3a3a40; --mark: #a5b4fc; }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 24px;
  background: var(--paper); color: var(--ink);
  font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { width: min(100%, 440px); text-align: center; }
.frame {
  position: relative; aspect-ratio: 16 / 9; margin-bottom: 32px; display: grid; place-items: center;
  background: var(--card); border: 1px solid var(--line); border-radius: 16px; color: var(--mark);
}
.frame::before {
  content: ""; position: absolute; inset: 18px; opacity: .8;
  --tick: linear-gradient(var(--line), var(--line));
  background:
    var(--tick) 0 0 / 20px 2px, var(--tick) 0 0 / 2px 20px, var(--tick) 100% 0 / 20px 2px, var(--tick) 100% 0 / 2px 20px,
    var(--tick) 0 100% / 20px 2px, var(--tick) 0 100% / 2px 20px, var(--tick) 100% 100% / 20px 2px,
    var(--tick) 100% 100% / 2px 20px;
  background-repeat: no-repeat;
}
.frame span { font-size: clamp(56px, 18vw, 88px); font-weight: 250; letter-spacing: .04em; line-height: 1; }
h1 { font-size: clamp(22px, 6vw, 27px); line-height: 1.25; font-weight: 650; letter-spacing: -.015em; text-wrap: balance; }
p { margin-top: 10px; color: var(--quiet); text-wrap: balance; }
p + p { margin-top: 18px; }
a { color: var(--mark); font-weight: 550; text-underline-offset: 4px; text-decoration-thickness: 1px; }
a:focus-visible { outline: 2px solid var(--mark); outline-offset: 4px; border-radius: 2px; }
@media (max-height: 420px) { .frame { display: none; } body { padding: 16px; font-size: 15px; } }
`;
