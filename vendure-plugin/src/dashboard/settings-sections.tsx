import { CheckField, ChoiceField, TextField } from './fields';
import { type Draft, MOMENTS } from './settings-draft';
import { type TextName, useWords } from './texts';

type Shop = Draft['shop'];
type Service = NonNullable<Draft['service']>;
interface ShopProps {
  shop: Shop;
  onChange: (shop: Shop) => void;
}

/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1, 12);
const DAY_MS = 86_400_000;

export function PlaceAndTimeFields({ shop, onChange }: ShopProps) {
  const { t, weekday } = useWords();
  const field = (name: 'deliveryRadiusM' | 'preparationMinutes' | 'windows' | 'windowDays' | 'windowCapacity') => (
    <TextField
      label={t(name)}
      help={t(`${name}Help`)}
      value={shop[name]}
      isNumber={name !== 'windows'}
      onChange={(value) => onChange({ ...shop, [name]: value })}
    />
  );
  return (
    <div className="space-y-6">
      <div className="grid gap-4 md:grid-cols-2">
        {field('deliveryRadiusM')}
        {field('preparationMinutes')}
      </div>
      <div className="space-y-2">
        <p className="text-sm font-medium">{t('hours')}</p>
        <p className="text-xs text-muted-foreground">{t('hoursHelp')}</p>
        <div className="grid gap-2 md:grid-cols-4">
          {shop.hours.map((day, index) => {
            const name = weekday(new Date(MONDAY + index * DAY_MS));
            const hours = (value: string) => shop.hours.map((each, at) => (at === index ? value : each));
            return (
              <TextField
                key={name}
                label={name}
                value={day}
                placeholder="10-14, 16-20"
                onChange={(value) => onChange({ ...shop, hours: hours(value) })}
              />
            );
          })}
        </div>
      </div>
      {field('windows')}
      <div className="grid gap-4 md:grid-cols-2">
        {field('windowDays')}
        {field('windowCapacity')}
      </div>
    </div>
  );
}

/** In the service's words, which its guide explains. */
const CHOICES: Record<'mode' | 'policy' | 'bundle', TextName[]> = {
  mode: ['assign', 'offer', 'broadcast'],
  policy: ['planned', 'nearest'],
  bundle: ['none_together', 'same_pickup', 'any'],
};
const NUMBERS = ['offerS', 'offerTo', 'maxRadiusM', 'promiseS'] as const;

export function DispatchFields(props: { service: Service; disabled: boolean; onChange: (service: Service) => void }) {
  const { service, disabled, onChange } = props;
  const { t } = useWords();
  return (
    <div className="space-y-4">
      {(['mode', 'policy', 'bundle'] as const).map((name) => (
        <ChoiceField
          key={name}
          label={t(name)}
          help={t(`${name}Help`)}
          value={service[name]}
          choices={CHOICES[name].map((word) => ({ value: word === 'none_together' ? 'none' : word, label: t(word) }))}
          disabled={disabled}
          onChange={(value) => onChange({ ...service, [name]: value })}
        />
      ))}
      {NUMBERS.map((name) => (
        <TextField
          key={name}
          label={t(name)}
          help={t(`${name}Help`)}
          value={service[name]}
          isNumber
          disabled={disabled}
          onChange={(value) => onChange({ ...service, [name]: value })}
        />
      ))}
    </div>
  );
}

export function TellFields({ shop, onChange }: ShopProps) {
  const { t, code } = useWords();
  const told = (moment: string, isTold: boolean) =>
    MOMENTS.filter((each) => (each === moment ? isTold : shop.tellCustomer.includes(each)));
  return (
    <div className="space-y-2">
      {MOMENTS.map((moment) => (
        <CheckField
          key={moment}
          label={code(moment)}
          checked={shop.tellCustomer.includes(moment)}
          onChange={(isTold) => onChange({ ...shop, tellCustomer: told(moment, isTold) })}
        />
      ))}
      <p className="text-xs text-muted-foreground">{t('tellHelp')}</p>
    </div>
  );
}
