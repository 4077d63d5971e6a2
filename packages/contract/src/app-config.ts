/** The files an app is given, as the REST API shows and changes them: without having read a secret one can edit it. */
import { Type, type Static } from 'typebox'
import { closed, ObjectMeta } from './kubernetes-object.ts'
import { AppConfigMap, appLimits, AppSecret, RemoteAppSecret } from './remote-app.ts'

export const AppConfig = Type.Object({
  metadata: ObjectMeta,
  configMaps: Type.Array(AppConfigMap),
  secrets: Type.Array(
    Type.Object({
      name: RemoteAppSecret.properties.name,
      mountPath: RemoteAppSecret.properties.mountPath,
      keys: Type.Array(Type.String(), {
        description: 'Names of the files. Empty with `fromSecret`: that Secret has them.',
      }),
      fromSecret: RemoteAppSecret.properties.fromSecret,
      data: AppSecret.properties.data,
      binaryData: AppSecret.properties.binaryData,
    }),
    { description: 'With `data` and `binaryData` only where they were asked for.' },
  ),
})
export type AppConfig = Static<typeof AppConfig>

export const AppConfigQuery = Type.Object({
  showSecrets: Type.Optional(
    Type.Boolean({ description: 'With the values of secrets. Takes an operator.' }),
  ),
})

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

const FilesPatch = (description: string) =>
  Type.Record(
    Type.String({ maxLength: 253 }),
    orNull(Type.String({ maxLength: appLimits.maxValueBytes })),
    { maxProperties: appLimits.maxKeysPerMount, description },
  )

const MountPath = Type.Optional(
  Type.String({
    ...AppConfigMap.properties.mountPath,
    description: 'Where the files appear. Needed by a name that is new.',
  }),
)
const setOrRemove = 'File name → content; null removes the file, a name left out stays.'

export const ConfigMapPatch = closed({
  mountPath: MountPath,
  data: Type.Optional(FilesPatch(setOrRemove)),
})
export type ConfigMapPatch = Static<typeof ConfigMapPatch>

export const SecretPatch = closed({
  mountPath: MountPath,
  data: Type.Optional(FilesPatch(setOrRemove)),
  binaryData: Type.Optional(FilesPatch('The same in base64.')),
  fromSecret: Type.Optional({
    ...orNull(Type.String({ minLength: 1, maxLength: 253 })),
    description: 'Takes the files from this Secret instead of those it has; null ends that.',
  }),
})
export type SecretPatch = Static<typeof SecretPatch>

const byName = <T extends Parameters<typeof Type.Union>[0][number]>(patch: T, what: string) =>
  Type.Record(Type.String({ maxLength: 63 }), orNull(patch), {
    maxProperties: appLimits.maxMounts,
    description: `${what} by name; null removes one, a name left out stays as it is.`,
  })

export const AppConfigPatch = closed({
  generation: Type.Optional(
    Type.Integer({
      description:
        'Of the app the change was made for (`metadata.generation`): refused if it has another by now.',
    }),
  ),
  configMaps: Type.Optional(byName(ConfigMapPatch, 'configMaps')),
  secrets: Type.Optional(byName(SecretPatch, 'secrets')),
})
export type AppConfigPatch = Static<typeof AppConfigPatch>
