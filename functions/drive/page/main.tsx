import { render } from 'preact';
import '#shared/pages/base.css';
import { speak } from '#shared/pages/language.ts';
import './main.css';
import { Start } from './start.tsx';

if ('serviceWorker' in navigator)
  void navigator.serviceWorker.register('/drive/worker.js', { scope: '/drive', type: 'module' }).catch(() => {});

speak(null);
render(<Start />, document.getElementById('app')!);
