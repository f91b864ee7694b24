import { render } from 'preact';
import '#shared/pages/base.css';
import { speakHere } from '#shared/pages/speak-here.ts';
import './main.css';
import { Start } from './start.tsx';

if ('serviceWorker' in navigator)
  void navigator.serviceWorker.register('/drive/worker.js', { scope: '/drive', type: 'module' }).catch(() => {});

speakHere(null);
render(<Start />, document.getElementById('app')!);
