import { Button, FileButton, Group, Menu, Text, UnstyledButton } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { ChevronDownIcon, CopyIcon, FilePlusIcon, UploadIcon } from '@radix-ui/react-icons'
import classes from './deploy.module.css'
import { templates, type Template } from './templates.ts'

interface StartFromProps {
  readonly apps: readonly RemoteApp[]
  readonly onTemplate: (template: Template) => void
  readonly onCopy: (app: RemoteApp) => void
  readonly onFile: (file: File) => void
}

/** The most that fit in a menu; the others are copied from their own page. */
const MAX_APPS = 30

/** Where a manifest may come from. */
export function StartFromMenu({ apps, onTemplate, onCopy, onFile }: StartFromProps) {
  return (
    <Group gap="xs">
      <Menu position="bottom-end" width={300}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<FilePlusIcon />}
            rightSection={<ChevronDownIcon />}
          >
            Template
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {templates.map((template) => (
            <Menu.Item key={template.id} onClick={() => onTemplate(template)}>
              <Text size="sm" fw={500}>
                {template.title}
              </Text>
              <Text size="xs" c="dimmed">
                {template.about}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {apps.length > 0 && (
        <Menu position="bottom-end" width={260}>
          <Menu.Target>
            <Button variant="default" leftSection={<CopyIcon />} rightSection={<ChevronDownIcon />}>
              Copy of
            </Button>
          </Menu.Target>
          <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
            {apps.slice(0, MAX_APPS).map((app) => (
              <Menu.Item
                key={`${app.metadata.namespace ?? ''}/${app.metadata.name}`}
                onClick={() => onCopy(app)}
              >
                {app.metadata.name}{' '}
                <Text span size="xs" c="dimmed">
                  at {app.spec.targetPeer}
                </Text>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <FileButton
        accept=".yaml,.yml,.json,text/yaml"
        onChange={(file) => {
          if (file !== null) onFile(file)
        }}
      >
        {(props) => (
          <Button variant="default" leftSection={<UploadIcon />} {...props}>
            File
          </Button>
        )}
      </FileButton>
    </Group>
  )
}

/** For who comes with nothing: what there is, at a glance. */
export function TemplateCards({ onTemplate }: { onTemplate: (template: Template) => void }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb={6}>
        Start from a template, fill in the form, or drop a YAML file anywhere on this page.
      </Text>
      <div className={classes['templates']}>
        {templates.map((template) => (
          <UnstyledButton
            key={template.id}
            className={classes['template']}
            onClick={() => onTemplate(template)}
          >
            <Text size="sm" fw={600}>
              {template.title}
            </Text>
            <Text size="xs" c="dimmed">
              {template.about}
            </Text>
          </UnstyledButton>
        ))}
      </div>
    </div>
  )
}
