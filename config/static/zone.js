// Whether this device's clock shows another time than the bank's, which is in Shanghai: where it does, pages say whose time they mean.
const SHANGHAI_MIN = -480;

export const isElsewhere = new Date().getTimezoneOffset() !== SHANGHAI_MIN;
