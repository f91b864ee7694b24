import { Button } from '@vendure/dashboard';
import { useState } from 'react';
import { ChoiceField, TextField } from './fields';
import type { LatLon } from './map-projection';
import { PickupMap } from './pickup-map';
import { type Draft, numberOf, type Settings } from './settings-draft';
import { useWords } from './texts';

type Point = Draft['points'][number];

/** Where drivers collect: one stock location at a time, typed, clicked on the map, or from where the administrator is. */
export function PickupBlock(props: {
  points: Point[];
  radius: string;
  settings: Settings;
  onChange: (points: Point[]) => void;
}) {
  const { points, radius, settings, onChange } = props;
  const { t } = useWords();
  const [chosenId, choose] = useState(points[0]?.stockLocationId ?? '');
  const chosen = points.find(({ stockLocationId }) => stockLocationId === chosenId);
  if (chosen === undefined) return null;
  const change = (values: Partial<Point>) =>
    onChange(points.map((each) => (each.stockLocationId === chosenId ? { ...each, ...values } : each)));
  const pick = ({ lat, lon }: LatLon) => change({ latitude: String(lat), longitude: String(lon) });
  const here = () =>
    navigator.geolocation.getCurrentPosition(({ coords }) => pick({ lat: coords.latitude, lon: coords.longitude }));
  const text = (name: 'latitude' | 'longitude' | 'address' | 'phone') => (
    <TextField label={t(name)} value={chosen[name]} onChange={(value) => change({ [name]: value })} />
  );
  return (
    <div className="space-y-4">
      <p className="text-sm text-muted-foreground">{t('pickupHelp')}</p>
      {points.length > 1 && (
        <ChoiceField
          label={t('stockLocation')}
          value={chosenId}
          choices={points.map(({ stockLocationId: value, name: label }) => ({ value, label }))}
          onChange={choose}
        />
      )}
      <PickupMap
        points={points.map((each) => ({ id: each.stockLocationId, name: each.name, at: positionOf(each) }))}
        chosenId={chosenId}
        radiusM={numberOf(radius) || null}
        tileUrl={settings.mapTileUrl}
        attribution={settings.mapAttribution}
        onPick={pick}
      />
      <div className="grid gap-4 md:grid-cols-2">
        {text('latitude')}
        {text('longitude')}
        {text('address')}
        {text('phone')}
      </div>
      <Button type="button" size="sm" variant="outline" onClick={here}>
        {t('usePosition')}
      </Button>
    </div>
  );
}

function positionOf({ latitude, longitude }: Point): LatLon | null {
  const [lat, lon] = [numberOf(latitude), numberOf(longitude)];
  return lat === null || lon === null || Number.isNaN(lat) || Number.isNaN(lon) ? null : { lat, lon };
}
