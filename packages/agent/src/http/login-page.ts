/**
 * The page a login link opens. Opening it does not use the link: mail programs and chats open links to look at them.
 * The form does, sent by the script where there is one, by hand where there is none.
 */
export function loginPage(code: string): string {
  return page(
    'Sign in',
    `<form method="post" action="/login">
      <input type="hidden" name="code" value="${escapeHtml(code)}">
      <p>This link signs you in once.</p>
      <button type="submit" autofocus>Sign in</button>
    </form>
    <script src="${LOGIN_SCRIPT_PATH}"></script>`,
  )
}

export const LOGIN_SCRIPT_PATH = '/assets/sign-in.js'
export const loginScript = 'document.forms[0].requestSubmit()\n'

/** A sentence that says what to do, for a person in a browser. */
export function messagePage(title: string, message: string): string {
  return page(title, `<p>${escapeHtml(message)}</p>`)
}

/** After a sign-in that failed: what to do, and the other way in. */
export function notSignedInPage(message: string): string {
  return page('Not signed in', `<p>${escapeHtml(message)}</p>${passwordForm}`)
}

const passwordForm = `<form method="post" action="/login">
      <p><label>Name<br><input name="user" autocomplete="username" required></label></p>
      <p><label>Password<br><input name="password" type="password" autocomplete="current-password" required></label></p>
      <button type="submit">Sign in</button>
    </form>`

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)} · Porpulsion</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color: #1c2530; background: #fff }
      button { font: inherit; padding: .5rem 1.25rem }
      input { font: inherit; padding: .4rem; width: 100%; max-width: 20rem; box-sizing: border-box }
      @media (prefers-color-scheme: dark) { body { color: #e6e9ee; background: #14181d } }
    </style>
  </head>
  <body>
    <h1>${escapeHtml(title)}</h1>
    ${body}
  </body>
</html>
`

export const escapeHtml = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (character) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ??
      character,
  )
