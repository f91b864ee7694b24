import { countsIn } from '#shared/pages/plurals.ts';
import type { RefusalWords } from '#shared/pages/refusal-text.ts';

const counted = countsIn<'one' | 'other'>('en');

/**
 * What the drivers' page says. Its shape is the shape of every language: a text that one lacks does not compile.
 */
export const en = {
  oneMoment: 'One moment …',
  noConnection: 'No connection. Trying again …',
  back: 'Back',
  title: 'Drive',
  // Whose phone this is.
  start: 'Scan the QR code that your dispatcher shows you, or type the code below it.',
  code: 'Code',
  thisIsMyPhone: 'This is my phone',
  askForNewCode: (fault: string) => `${fault}. Ask your dispatcher for a new one.`,
  anotherDriversLink:
    'This link is another driver’s. Shall this phone be theirs from now on? What you have not sent yet stays on it, for you.',
  anotherDriversCode:
    'This phone is a driver’s already. Shall it be the one’s whose link this is, from now on? What you have not sent yet stays on it, for you.',
  expired: 'This link has expired',
  askForNewLink: 'Ask your dispatcher for a new one: open it, or type its code here.',
  sentWithNext: (count: number) =>
    counted(count, {
      one: 'A step that you took will be sent with it.',
      other: '# steps that you took will be sent with it.',
    }),
  logOut: 'Log out of this phone',
  logOutWithSteps: (count: number) =>
    counted(count, {
      one: 'A step of yours has not arrived yet. It stays on this phone and is sent with your next link. Log out?',
      other: '# of your steps have not arrived yet. They stay on this phone and are sent with your next link. Log out?',
    }),
  keepsNothing: 'This browser keeps nothing: allow it to, or open the page outside a private window.',
  /** Why something did not work. The service's own words are English. */
  faults: { noConnection: 'No connection. Try again.', problems: {}, because: (detail) => detail } as RefusalWords,
  // Duty and position.
  goAvailable: 'Go available',
  duty: {
    breakOrEnd: 'Break, last one, off',
    breakOf: (minutes: number) => counted(minutes, { one: 'Break of 1 min', other: 'Break of # min' }),
    onBreak: 'On a break',
    onBreakUntil: (time: string) =>
      `You are on a break until ${time}. What you have stays yours; nothing new comes before.`,
    backNow: 'I am back',
    lastOne: 'Last one for today',
    lastInHand: 'What you have is your last for today: nothing new comes, and you are off when it is done.',
    lastIsNext: 'What comes next is your last for today: after it nothing new comes, and you are off when it is done.',
    takeMore: 'I take more after all',
    off: 'Off',
    offWithOrders: (count: number) =>
      counted(count, {
        one: 'You still have an order. It stays yours: bring it, or give it back. Nothing new comes, and you are off when it is done.',
        other:
          'You still have # orders. They stay yours: bring them, or give them back. Nothing new comes, and you are off when they are done.',
      }),
    shiftEnds: (time: string) => `Your shift ends: ${time}`,
    shiftEnded: (time: string) => `Your shift has ended (${time}): nothing new comes.`,
  },
  statuses: { AVAILABLE: 'Available', BUSY: 'Busy', OFFLINE: 'Offline' },
  offDuty: 'You are offline. Go available to get orders.',
  offDutyWithOrders: 'You are offline: no new orders come. Those that you have are still yours.',
  noOrder: 'No order at the moment. The next one appears here by itself.',
  sharing: {
    off: 'Your position is not shared.',
    waiting: 'Looking for your position …',
    sharing: 'Your position is shared.',
    offline: 'No connection: your position is kept and sent later.',
    denied: 'This phone does not give your position. Allow it in the settings, or you get no orders.',
  },
  // Steps that wait, and those that were not taken.
  stepsKept: 'No connection. Your steps are kept and sent when it is back.',
  stepsWaiting: (count: number) => counted(count, { one: '1 step waiting', other: '# steps waiting' }),
  withoutPhoto: 'The storage of this phone is full: the step is kept, the photo only while this page is open.',
  inPageOnly:
    'The storage of this phone is full: this step is kept only while this page is open. Leave it open until the step is sent.',
  wrongCode: (triesLeft: number) =>
    counted(triesLeft, {
      one: 'Wrong code. One try left. The right PIN code',
      other: 'Wrong code. # tries left. The right PIN code',
    }),
  codeLocked:
    'Wrong code, too often. Call your dispatcher: they set a new code, or let you hand over without one. New code, if there is one',
  sendAgain: 'Send again',
  notHandedOver: 'It was not handed over',
  giveUpHandOver: 'Give up this hand-over?',
  refused: {
    cancelled: (order: string) => `Order ${order} was cancelled before your step arrived.`,
    given_away: (order: string) => `Order ${order} is not yours any more: it was given to somebody else.`,
    delivered: (order: string) => `Order ${order} counts as delivered already.`,
    ended: (order: string) => `Order ${order} had ended before your step arrived.`,
    other: (order: string) => `The step for order ${order} was not taken.`,
  },
  parcel: {
    bringBack: 'If you have the parcel, bring it back to where you collected it. Do not hand it over.',
    keepAndCall: 'If you have the parcel, keep it with you and call your dispatcher.',
    tellHandedOver: 'You have handed it over: call your dispatcher, so that nobody goes there again.',
    nothingToDo: 'There is nothing more to do.',
    call: 'Call your dispatcher.',
  },
  iKnow: 'I have read it',
  // The task at hand.
  kinds: { pickup: 'Pick up', dropoff: 'Deliver', return: 'Bring back' },
  order: (title: string) => `Order ${title}`,
  noAddress: 'No address',
  notBefore: (time: string) => `Not before ${time}`,
  before: (time: string) => `Before ${time}`,
  goesTo: 'Goes to',
  places: (count: number) => counted(count, { one: 'takes 1 place', other: 'takes # places' }),
  navigate: 'Navigate',
  mapApp: 'Map app',
  mapApps: {
    phone: 'The phone’s own',
    google: 'Google Maps',
    apple: 'Apple Maps',
    waze: 'Waze',
    osm: 'OpenStreetMap',
  },
  callRecipient: 'Call',
  safePlace: (place: string) => `May be left here: ${place}`,
  changed: (what: string) => `Changed: ${what}`,
  changes: {
    pickupPlace: 'where to collect',
    pickupAddress: 'the address of the pickup',
    dropoffPlace: 'where to deliver',
    address: 'the address',
    name: 'the recipient',
    phone: 'the phone number',
    items: 'what is in the parcel',
    cash: 'what is paid at the door',
    notes: 'the notes',
    doorNotes: 'the notes for the door',
    safePlace: 'where it may be left',
    size: 'the size',
    pincode: 'the PIN code',
    proof: 'what is asked at the door',
    window: 'when to be there',
  },
  seen: 'I have seen it',
  items: 'In the parcel',
  item: (quantity: number, name: string) => `${quantity} × ${name}`,
  cash: (money: string) => `To collect at the door: ${money}`,
  haveIt: 'I have it',
  haveAll: (count: number) => counted(count, { one: 'I have it', other: 'I have all #' }),
  take: (count: number) => counted(count, { one: 'Take one order', other: 'Take # orders' }),
  handOver: (count: number) => counted(count, { one: 'Hand over one order', other: 'Hand over # orders' }),
  isBack: 'It is back',
  // Handing over.
  pincode: 'Recipient’s PIN code',
  receivedBy: 'Received by',
  optional: '(optional)',
  takePhoto: 'Take a photo',
  takeAnotherPhoto: 'Take another photo',
  photoTaken: 'What the camera has just seen',
  photoUnreadable: 'This picture cannot be read',
  photoNeeded: 'A photo is needed here',
  signature: 'Signature',
  signHere: 'Signature of the recipient: write here with a finger',
  signAgain: 'Write again',
  signatureNeeded: 'A signature is needed here',
  ageChecked: (years: number) => `I have checked: the recipient is ${years} or older`,
  leftWithNeighbour: 'Left with a neighbour',
  neighbourHint: 'Who takes it in? The recipient is told the name.',
  proofMissing: (order: string) => `Order ${order}: the shop asks for more before it counts`,
  delivered: 'Delivered',
  // When it does not work.
  doesNotWork: 'It does not work',
  whatIsWrong: 'What is wrong?',
  cannotTake: 'I cannot take it: give it to another driver',
  failures: {
    PICKUP_FAILED: 'Pickup failed',
    DELIVERY_FAILED: 'Delivery failed',
    RECIPIENT_UNAVAILABLE: 'Recipient unavailable',
    REFUSED: 'Refused',
    BAD_ADDRESS: 'Bad address',
    DAMAGED: 'Damaged',
    UNSAFE: 'Unsafe',
  },
  sure: (reason: string) => `${reason}: are you sure?`,
  sureGivesBack: 'Another driver gets this order.',
  surePickup: 'The order ends here, and the shop is told.',
  sureDropoff: 'The shop and the recipient are told. Keep the parcel: bringing it back becomes a stop of yours.',
  whatHappened: 'What happened',
  whatOfParcel: 'What becomes of the parcel?',
  parcels: { return: 'I bring it back next', keep: 'I keep it for another try' },
  yesSure: 'Yes, it does not work',
  // What comes next.
  afterThat: 'After that',
  goFirst: 'Go there first',
  // Offers.
  offer: 'Offer',
  willYouTake: (count: number) =>
    counted(count, { one: 'Will you take this order?', other: 'Will you take these # orders?' }),
  timeToAnswer: 'Time to answer',
  minutesLeft: (count: number) => counted(count, { one: '1 min', other: '# min' }),
  secondsLeft: (count: number) => counted(count, { one: '1 s', other: '# s' }),
  from: 'From',
  to: 'To',
  iTakeIt: 'I take it',
  no: 'No',
  whyNot: 'Why not?',
  declines: { too_far: 'Too far', no_time: 'No time', bad_area: 'Not in that area', other: 'Something else' },
  // Settings of this phone.
  settings: 'Settings',
  language: 'Language',
  phonesLanguage: 'As the phone',
  push: 'Tell me also when this page is closed',
  pushDenied: 'This phone does not allow messages. Allow them in its settings.',
  pushSilent: 'That did not work: nothing came from this browser. Load the page again, or take another browser.',
  sound: 'Sound',
  vibration: 'Vibration',
  awake: 'Keep the screen on while I am on duty',
  pushed: {
    route: 'Your route is another one',
    offer: 'You are asked to take an order',
    change: 'An order of yours has changed',
    cancelled: 'An order of yours was cancelled',
    still_there: 'Are you still there?',
  },
  pushedBody: 'Open the page to see it.',
};

export type DriveTexts = typeof en;
