/** An app that lies open beside the list: the list's own address holds it, and the app's own address is shown. */

interface OpenApp {
  readonly app?: string
  readonly tab?: string
  readonly pod?: string
}

/** What of the app is looked at. */
export interface AppViewSearch {
  readonly tab?: string
  readonly pod?: string
}

/** `id`: "namespace,name". */
export function withOpenApp<S extends OpenApp>(
  search: S,
  id: string,
  view: AppViewSearch = {},
): Omit<S, keyof OpenApp> & OpenApp {
  return { ...withoutOpenApp(search), app: id, ...view }
}

function withoutOpenApp<S extends OpenApp>(search: S): Omit<S, keyof OpenApp> {
  const { app: _app, tab: _tab, pod: _pod, ...list } = search
  return list
}

export interface AppMask {
  readonly to: '/workloads/$namespace/$name'
  readonly params: { readonly namespace: string; readonly name: string }
  readonly search: AppViewSearch
  readonly unmaskOnReload: true
}

/** The address of the app itself: what is copied, reloaded or opened in another tab is its page. */
export function maskOf(id: string, view: AppViewSearch): AppMask {
  const [namespace = '', name = ''] = id.split(',', 2)
  return {
    to: '/workloads/$namespace/$name',
    params: { namespace, name },
    search: view,
    unmaskOnReload: true,
  }
}
