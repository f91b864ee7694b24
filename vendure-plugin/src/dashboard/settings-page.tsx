import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, Button, Page, PageBlock, PageLayout, PageTitle } from '@vendure/dashboard';
import { useState } from 'react';
import { PickupBlock } from './pickup-block';
import { changeOf, draftOf, type Settings } from './settings-draft';
import { DispatchFields, PlaceAndTimeFields, TellFields } from './settings-sections';
import { useWords } from './texts';

const FIELDS = `service { policy mode offerS offerTo maxRadiusM bundle promiseS } serviceChangeable serviceProblem
  shop { deliveryRadiusM preparationMinutes hours windows windowDays windowCapacity tellCustomer }
  pickupPoints { stockLocationId name latitude longitude address phone } mapTileUrl mapAttribution`;
const SETTINGS = `query DriverDispatchSettings { driverDispatchSettings { ${FIELDS} } }`;
const UPDATE = `mutation UpdateDriverDispatchSettings($input: UpdateDriverDispatchSettingsInput!) {
  updateDriverDispatchSettings(input: $input) { ${FIELDS} }
}`;
const QUERY_KEY = ['driver-dispatch-settings'];

/** How, where and when drivers deliver: what the service keeps and what the shop keeps, on one page. */
export function SettingsPage() {
  const { t } = useWords();
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: QUERY_KEY,
    queryFn: () => api.query<{ driverDispatchSettings: Settings }>(SETTINGS),
    // What is being typed must not be read over.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  return (
    <Page pageId="driver-dispatch-settings">
      <PageTitle>{t('settings')}</PageTitle>
      {error && <p className="text-destructive">{error.message}</p>}
      {data !== undefined && <Form key={dataUpdatedAt} settings={data.driverDispatchSettings} />}
    </Page>
  );
}

function Form({ settings }: { settings: Settings }) {
  const { t } = useWords();
  const [draft, setDraft] = useState(() => draftOf(settings));
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      api.mutate<{ updateDriverDispatchSettings: Settings }>(UPDATE, { input: changeOf(draft, settings) }),
    onSuccess: ({ updateDriverDispatchSettings }) =>
      queryClient.setQueryData(QUERY_KEY, { driverDispatchSettings: updateDriverDispatchSettings }),
  });
  const { service } = draft;
  return (
    <PageLayout>
      <PageBlock column="main" blockId="driver-dispatch-pickup" title={t('pickupPoints')}>
        <PickupBlock
          points={draft.points}
          radius={draft.shop.deliveryRadiusM}
          settings={settings}
          onChange={(points) => setDraft({ ...draft, points })}
        />
      </PageBlock>
      <PageBlock column="main" blockId="driver-dispatch-place-and-time" title={t('whereAndWhen')}>
        <PlaceAndTimeFields shop={draft.shop} onChange={(shop) => setDraft({ ...draft, shop })} />
      </PageBlock>
      <PageBlock column="side" blockId="driver-dispatch-save">
        <div className="space-y-2">
          <Button type="button" disabled={save.isPending} onClick={() => save.mutate()}>
            {t('save')}
          </Button>
          {save.error && <p className="text-sm text-destructive">{save.error.message}</p>}
        </div>
      </PageBlock>
      <PageBlock column="side" blockId="driver-dispatch-service" title={t('howDispatched')}>
        {settings.serviceProblem !== null && <p className="mb-2 text-sm text-destructive">{settings.serviceProblem}</p>}
        {service !== null && (
          <DispatchFields
            service={service}
            disabled={!settings.serviceChangeable}
            onChange={(next) => setDraft({ ...draft, service: next })}
          />
        )}
      </PageBlock>
      <PageBlock column="side" blockId="driver-dispatch-tell" title={t('customersAreTold')}>
        <TellFields shop={draft.shop} onChange={(shop) => setDraft({ ...draft, shop })} />
      </PageBlock>
    </PageLayout>
  );
}
