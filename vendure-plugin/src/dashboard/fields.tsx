import { Input } from '@vendure/dashboard';
import type { ReactNode } from 'react';

interface FieldProps {
  label: string;
  /** What it does, for whoever sees it for the first time. */
  help?: string;
}

export function Field({ label, help, children }: FieldProps & { children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is its child
    <label className="block space-y-1 text-sm">
      <span className="font-medium">{label}</span>
      {children}
      {help !== undefined && <span className="block text-xs text-muted-foreground">{help}</span>}
    </label>
  );
}

/** A text, or a number as it is typed: what it may be says whoever keeps it. */
export function TextField(
  props: FieldProps & {
    value: string;
    onChange: (value: string) => void;
    isNumber?: boolean;
    disabled?: boolean;
    placeholder?: string;
  },
) {
  const { label, help, value, onChange, isNumber = false, disabled, placeholder } = props;
  return (
    <Field label={label} help={help}>
      <Input
        value={value}
        inputMode={isNumber ? 'decimal' : 'text'}
        disabled={disabled}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

export function ChoiceField(
  props: FieldProps & {
    value: string;
    choices: { value: string; label: string }[];
    onChange: (value: string) => void;
    disabled?: boolean;
  },
) {
  const { label, help, value, choices, onChange, disabled } = props;
  return (
    <Field label={label} help={help}>
      <select
        className="h-9 w-full rounded-md border bg-background px-2 text-sm"
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function CheckField(props: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  const { label, checked, onChange } = props;
  return (
    <label className="flex items-center gap-2 text-sm">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
