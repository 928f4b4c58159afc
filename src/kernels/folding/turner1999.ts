/**
 * The Turner 1999 energies of RNA loops at 37 °C (Mathews, Sabina, Zuker and Turner 1999, J. Mol. Biol.
 * 288:911; nearest-neighbour database NNDB). Written by `scripts/make-energies.mjs`; do not edit.
 */

import { type Energies, INFINITE } from './energies.js';

/** The order of the letters in which large tables are written. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-*/=<>()[]{}.,:;!?%&#@^_~|';

/** A table as one letter for each number, which says which of `values` it is. */
const coded = (values: readonly number[], text: string): Int32Array =>
  Int32Array.from(text, (letter) => values[LETTERS.indexOf(letter)]!);

/** sha256 of all tables, in the order of `TABLE_SIZES`, as little-endian 32-bit integers. */
export const TURNER_1999_SHA256 = '402e33f0d4fb50b4e5c88c915c9233dec507a47f4c9a41b11d3a7c0c13ddae3e';

/** The built-in energies. */
export const TURNER_1999: Energies = {
  name: 'Turner 1999',
  stack: Int32Array.of(
    -240, -330, -210, -140, -210, -210, -330, -340, -250, -150, -220, -240, -210, -250, 130, -50, -140,
    -130, -140, -150, -50, 30, -60, -100, -210, -220, -140, -60, -110, -90, -210, -240, -130, -100,
    -90, -130,
  ),
  hairpin: Int32Array.of(
    INFINITE, INFINITE, INFINITE, 570, 560, 560, 540, 590, 560, 640, 650, 660, 670, 678, 686, 694, 701,
    707, 713, 719, 725, 730, 735, 740, 744, 749, 753, 757, 761, 765, 769,
  ),
  bulge: Int32Array.of(
    INFINITE, 380, 280, 320, 360, 400, 440, 459, 470, 480, 490, 500, 510, 519, 527, 534, 541, 548, 554,
    560, 565, 571, 576, 580, 585, 589, 594, 598, 602, 605, 609,
  ),
  interior: Int32Array.of(
    INFINITE, INFINITE, 410, 510, 170, 180, 200, 220, 230, 240, 250, 260, 270, 278, 286, 294, 301, 307,
    313, 319, 325, 330, 335, 340, 345, 349, 353, 357, 361, 365, 369,
  ),
  mismatchHairpin: Int32Array.of(
    -150, -150, -140, -180, -100, -90, -290, -80, -220, -200, -160, -110, -170, -140, -180, -200, -110,
    -150, -130, -210, -110, -70, -240, -50, -240, -290, -140, -120, -190, -100, -220, -150, 20, -50,
    -30, -30, -10, -20, -150, -20, -90, -110, -30, 0, -30, -30, -40, -110, -50, -30, -60, -50, -20,
    -10, -170, 0, -80, -120, -30, -70, -60, -10, -60, -80, -30, -50, -30, -30, -10, -20, -150, -20,
    -110, -120, -20, 20, -30, -30, -60, -110, -50, -30, -60, -50, -20, -10, -120, 0, -140, -120, -70,
    -20, -30, -10, -50, -80,
  ),
  mismatchInterior: Int32Array.of(
    0, 0, -110, 0, 0, 0, 0, 0, -110, 0, 0, 0, 0, 0, 0, -70, 0, 0, -110, 0, 0, 0, 0, 0, -110, 0, 0, 0,
    0, 0, 0, -70, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0, 70, 70, -40, 70, 70,
    70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70,
    70, 70, 0, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0,
  ),
  mismatchInterior1n: Int32Array.of(
    0, 0, -110, 0, 0, 0, 0, 0, -110, 0, 0, 0, 0, 0, 0, -70, 0, 0, -110, 0, 0, 0, 0, 0, -110, 0, 0, 0,
    0, 0, 0, -70, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0, 70, 70, -40, 70, 70,
    70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70,
    70, 70, 0, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0,
  ),
  mismatchInterior23: Int32Array.of(
    0, 0, -110, 0, 0, 0, 0, 0, -110, 0, 0, 0, 0, 0, 0, -70, 0, 0, -110, 0, 0, 0, 0, 0, -110, 0, 0, 0,
    0, 0, 0, -70, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0, 70, 70, -40, 70, 70,
    70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70,
    70, 70, 0, 70, 70, -40, 70, 70, 70, 70, 70, -40, 70, 70, 70, 70, 70, 70, 0,
  ),
  mismatchMulti: Int32Array.of(
    -160, -90, -180, -110, -140, -70, -160, -90, -130, -60, -150, -80, -120, -50, -140, -70, -190,
    -100, -190, -140, -200, -110, -200, -150, -170, -80, -170, -120, -170, -80, -170, -120, -100, -40,
    -100, -40, -100, -40, -100, -40, -110, -50, -110, -50, -90, -30, -90, -30, -110, -80, -110, -90,
    -90, -60, -90, -70, -100, -70, -100, -80, -100, -70, -100, -80, -100, -40, -100, -40, -100, -40,
    -100, -40, -110, -50, -110, -50, -90, -30, -90, -30, -110, -80, -110, -90, -90, -60, -90, -70,
    -100, -70, -100, -80, -100, -70, -100, -80,
  ),
  mismatchExterior: Int32Array.of(
    -160, -90, -180, -110, -140, -70, -160, -90, -130, -60, -150, -80, -120, -50, -140, -70, -190,
    -100, -190, -140, -200, -110, -200, -150, -170, -80, -170, -120, -170, -80, -170, -120, -100, -40,
    -100, -40, -100, -40, -100, -40, -110, -50, -110, -50, -90, -30, -90, -30, -110, -80, -110, -90,
    -90, -60, -90, -70, -100, -70, -100, -80, -100, -70, -100, -80, -100, -40, -100, -40, -100, -40,
    -100, -40, -110, -50, -110, -50, -90, -30, -90, -30, -110, -80, -110, -90, -90, -60, -90, -70,
    -100, -70, -100, -80, -100, -70, -100, -80,
  ),
  dangle5: Int32Array.of(
    -50, -30, -20, -10, -20, -30, 0, 0, -30, -30, -40, -20, -30, -10, -20, -20, -30, -30, -40, -20,
    -30, -10, -20, -20,
  ),
  dangle3: Int32Array.of(
    -110, -40, -130, -60, -170, -80, -170, -120, -70, -10, -70, -10, -80, -50, -80, -60, -70, -10, -70,
    -10, -80, -50, -80, -60,
  ),
  interior11: coded(
    [
      -210, -170, -140, -100, -70, -40, -30, -10, 0, 30, 40, 50, 80, 100, 110, 120, 150, 170, 180,
    ],
    'OKKKKKKKKKCKKKKKKFKKJLKLHKBKKIKGOOOOOOOOOODOOOOOOOOOOOOOOODOOOOOOOOOOOOOOODOOOOOOOOOOOOOOODOOOOOKJHK' +
    'FLKIKKBKKLKGMKKKKKKKKKAKKKKEOOOOOOOOOODOOOOOOOOOOOOOOODOOOOOOOOOOOOOOODOOOONOOOOOOOOOODOOOOOOOOOOOOO' +
    'OODOOOOOOOOOOOOOOODOOOOORRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRROOOOOOOOOODO' +
    'OOOOOOOOOOOOOODOOOOORRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRROOOOOOOOOODOOOOO' +
    'OOOOOOOOOODOOOONRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRPRRRRRRRRRRFRRRRQOOOOOOOOOODOOOOOOOOO' +
    'OOOOOODOOOOORRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRRRRRRRRRRRRFRRRRQRRRRRRRRRRFRRRRS',
  ),
  interior21: coded(
    [
      40, 60, 80, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 270,
      280, 290, 300, 310, 320, 330, 340, 360, 370, 380, 390, 400, 480, 550,
    ],
    'RPJfOKJfDBAfffffQPfPPSfPffffSMfPKfCfffffCfPffffffffffPfGfffffKfFQPEfOKJfCBAfffffQPfPPSfPffffSMfPKfCf' +
    'ffffCfPffffffffffPfIfffffKfFYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNYWRgVSRg' +
    'LHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWg' +
    'gggggggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNSPOfOKJfFBAfffff' +
    'QPfPPSfPffffSMfPKfCfffffCfPffffffffffPfFfffffKfFRPJfOKJfDBAfffffQPfPPSfPffffSMfPKfCfffffCfPfffffffff' +
    'fPfGfffffKfFYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgW' +
    'ggggZTgWSgJgggggJgWggggggggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggg' +
    'gSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgW' +
    'SgJgggggJgWggggggggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNecXh' +
    'bYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhh' +
    'QhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMh' +
    'hhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggg' +
    'gggggWgOgggggSgNYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNecXhbYXhSOMhhhhhdchc' +
    'cfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchU' +
    'hhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhh' +
    'fahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgN' +
    'YWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQh' +
    'hhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXh' +
    'SOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhch' +
    'hhhhhhhhhchUhhhhhYhTYWRgVSRgLHFgggggXWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNYWRgVSRgLHFggggg' +
    'XWgWWZgWggggZTgWSgJgggggJgWggggggggggWgOgggggSgNecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhh' +
    'hchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhc' +
    'hhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhhhYhTecXhbYXhSOMhhhhhdchccfhchhhhfahcYhQhhhhhQhchhhhhhhhhhchUhhhh' +
    'hYhT',
  ),
  interior22: coded(
    [
      -490, -450, -440, -420, -410, -390, -350, -310, -300, -290, -260, -250, -240, -220, -210, -200,
      -190, -170, -160, -150, -130, -120, -110, -100, -90, -80, -70, -60, -50, -40, -30, -20, -10, 0, 10,
      20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220,
      230, 240, 250, 260, 270, 280, 290, 310, 340,
    ],
    'uxk1twj1kna11111x1n12zw111110yu1kna11111rvh1dWb111110yu1slq1vpu1t210sv1tjw1u1111wz1yvy1w1111tw1vjw1u' +
    '1111qz1yTf1d1111tw1vhu1skn1mk1rsj1qha1hq1111n1vlw1zu1111u1ysa1hq1111h1pqb1aK1111u1ysq1qWu1ts10dv1tTk' +
    '1ubu11111yWp1wfn11111vdm1ubu11111yat1dDc11111vdm1sKs1mcdmnh1swa1eiS11111ssX1ywb11111omj1lma11111rvh1' +
    'iaZ11111zwt1cbb1whq1u311ru1tao1l1111r01sru1t1111hk1yoo1r1111qz1yQe1a1111sv1tTf1efg1jf1sqd1qhR1Yk1111' +
    'o1pgs1wr1111j1mhc1fn1111h1pqY1XI1111t1wrU1bMq1sn11gv1tSk1lSm11111sSk1tbk11111jSi1mbv11111yat1aCX1111' +
    '1tck1gEi1lXn15r1z2p1psf1111103q142y1111142y1psf11111uyk1nhl1111142y1xqv10uz10918y11zo11z1111z210x01z' +
    '1111x01zo11z1111t211cp1o1111x01zmz1xps1rr1zzp1wnf1mv1111q1xoy12w1111y12wf1mv1111k1ssl1lS1111y12wv1ub' +
    'z1yx18k31zYq1zgz111110Zr1zhq11111zhq1zgz111111dw1oHn11111zhq1xOx1rhi15r1x0n1ruh1111115r1751111117511' +
    'ruh11111vyl1jdh1111142y1wpu13w110918wz1xq31111110312031211110312q3111111u311Yl1k1111x01zly1wsv1tr1zz' +
    'n1ulh1ox1111r1zp115z1111115zh1ox1111l1sth1hP1111y12wu1ta110z18k31xWo11i0111112at12kt111112kt11i01111' +
    '11ew1kGj11111zhq1wNw1tkk15r1z2p1psf1111103q142y1111142y1psf11111uyk1nhl1111142y1xqv10uz10918y11zo11z' +
    '1111z210x01z1111x01zo11z1111t211cp1o1111x01zmz1xps1rr1zzp1wnf1mv1111q1xoy12w1111y12wf1mv1111k1ssl1lS' +
    '1111y12wv1ubz1yx18k31zYq1zgz111110Zr1zhq11111zhq1zgz111111dw1oHn11111zhq1xOx1rhi15r1x0n1ruh1111115r1' +
    '751111117511ruh11111vyl1jdh1111142y1wpu13w110918wz1xq31111110312031211110312q3111111u311Yl1k1111x01z' +
    'ly1wsv1tr1zzn1ulh1ox1111r1zp115z1111115zh1ox1111l1sth1hP1111y12wu1ta110z18k31xWo11i0111112at12kt1111' +
    '12kt11i0111111ew1kGj11111zhq1wNw1tkkmsl1uro1foc11111nsm130o111111sm1hXa11111spf1gSb111111sr1qgn1vkv1' +
    'sy1zrr1sds1t1111ww1wuu1v1111tt1tab1t1111qw1wSb1c1111tt1thr1rkk1ke1rca1qTR1hU1111i1vbo1zf1111l1ygS1hb' +
    '1111Y1pbS1aE1111l1yek1qMm1ti1oiw1hQf1jYq11111mah1keg11111jal1jZq11111mXs1SCX11111yaj1hIn1iXnwti1tqg1' +
    'cZQ11111tqf1zqq11111phg1ifU11111spf1aPU111110rq1eSY1wjq1tz10rr1rZj1k1111qq1rrr1r1111hh1hgq1q1111qw1w' +
    'QY1Y1111rr1sTc1cjj1kc1seZ1qTK1YT1111Z1pSj1wc1111Z1mTQ1fY1111Y1pbQ1XB1111k1wcT1bEk1sc1paw1hQj1ZQk1111' +
    '1hPj1hYj11111XQa1gUq11111mXs1QAY11111hYk1TBc1aYc2zo10xm1qnc111111yn15wv111115wv1qnc11111vsh1obi11111' +
    '5wv1yls11ow10616xx1ynx1y1111yy1zxx1x1111xx1xnx1y1111tz1zcm1m1111xx1xlv1wpp1pi1zlg1wYW1mg1111h1xZp12i' +
    '1111p12iW1mg1111b1sec1lH1111p12im1uOp1yi1wh21nUq1ocy11111oVr1nep11111nep1ocy11111pav1cGm11111nep1mLw' +
    '1feh2zo1yvk1spe111112zo18zy111118zy1spe11111wti1kXe111115wv1xkr14ry10616vv1wpz1011110010001011110010' +
    'pz101111tz10Yi1i1111xx1xku1vrr1si1zle1uWY1oi1111i1zbs15l1111s15lY1oi1111c1seY1hG1111p12il1tNs10k1wh2' +
    '1lTo1qe011111qXs1qhs11111qhs1qe011111paw1YFi11111nep1lKv1hgk2zo10xm1qnc111111yn15wv111115wv1qnc11111' +
    'vsh1obi111115wv1yls11ow10616xx1ynx1y1111yy1zxx1x1111xx1xnx1y1111tz1zcm1m1111xx1xlv1wpp1pi1zlg1wYW1mg' +
    '1111h1xZp12i1111p12iW1mg1111b1sec1lH1111p12im1uOp1yi1wh21nUq1ocy11111oVr1nep11111nep1ocy11111pav1cGm' +
    '11111nep1mLw1feh2zo1yvk1spe111112zo18zy111118zy1spe11111wti1kXe111115wv1xkr14ry10616vv1wpz1011110010' +
    '001011110010pz101111tz10Yi1i1111xx1xku1vrr1si1zle1uWY1oi1111i1zbs15l1111s15lY1oi1111c1seY1hG1111p12i' +
    'l1tNs10k1wh21lTo1qe011111qXs1qhs11111qhs1qe011111paw1YFi11111nep1lKv1hgk10p10zo1rqf1111153s192111111' +
    '80z1rqf11111zxm1kZg1111180z1zov13rz1z414yx1xpy1y1111221210101111zz1zpy1y1111w212Yh1h1111zz1znw1wqq1q' +
    'p1uxo1tmf1kv1111s1yq112z1111z11xf1kv1111m1sug1dO1111z11xv1sbz1wx14n01xcp1ylz111112hu10ps11111zor1ylz' +
    '111112ly1hHh11111zor1wSx1qni21q10yn1ihW11111zyn16yx11111woo1onc11111zxm1hVc111116zy1lZg12ry10515xx1x' +
    'gp1p1111xw1wxx1x1111nn1nmv1v1111w212Ue1e1111yx1xYi1iqp1pq1vyn1tlW1bm1111n1slx1zv1111o1pmc1hs1111m1su' +
    'c1aL1111y1zwg1eOy1vw15o11xcp1pcp11111wbo1xmp11111ncf1viw111112ly1eGe11111xmp1iHi1pmh97w165u1wvk11111' +
    '76v1-4311111-431wvk1111120p1ujq11111-4314t018w316-1-4313u31311115414331311113313u3131111z515ir1r1111' +
    '3313s111vv1vw124u1zsk1p01111v10t315111113151k1p01111p1vxq1oW1111315101xg31111-u813iv13q3111114jw13rv' +
    '111113rv13q3111115o11rOs111113rv11W11vsn97w143s1yxm1111197w1*7611111*761yxm1111121q1rfm11111-4313sz1' +
    '+z616-1-2111w51511116616661611116616w51511110515eo1o11113313r010yx1xw124s1xqm1r21111w12u618411116184' +
    'm1r21111q1vym1kT11113151z1wf61341-u811gt15s5111116ky16uy111116uy15s5111115o11oLo111113rv10V01xup97w1' +
    '65u1wvk1111176v1-4311111-431wvk1111120p1ujq11111-4314t018w316-1-4313u31311115414331311113313u3131111' +
    'z515ir1r11113313s111vv1vw124u1zsk1p01111v10t315111113151k1p01111p1vxq1oW1111315101xg31111-u813iv13q3' +
    '111114jw13rv111113rv13q3111115o11rOs111113rv11W11vsn97w143s1yxm1111197w1*7611111*761yxm1111121q1rfm1' +
    '1111-4313sz1+z616-1-2111w51511116616661611116616w51511110515eo1o11113313r010yx1xw124s1xqm1r21111w12u' +
    '618411116184m1r21111q1vym1kT11113151z1wf61341-u811gt15s5111116ky16uy111116uy15s5111115o11oLo111113rv' +
    '10V01xup11r100q1rrh1111155u1933111118211rrh11111zzo1kai111118211zpx13t01x714w01xn11y11110512z3101111' +
    'x21zn11y1111u512Wk1h1111x21zlz1wot1qr1vwq1ulh1lu1111u1yp313y1111111wh1lu1111o1sti1eN1111111wx1ta01ww' +
    '17j310Ys11h1111115dw13lv111112kt11h1111115h01kGk111112kt1zPz1tjk22s100p1iiY11111zzp160z11111wqq1ooe1' +
    '1111zzo1hXe111116001lbi12s01y815v01xes1p1111vz1wv01x1111lq1nky1v1111u512Th1e1111w01xWl1ios1ps1wxp1tk' +
    'Y1cl1111p1tkz1zu1111q1ple1ir1111o1ste1aK1111010vi1eN01wv18k410Yr1sYs11111zXr10ir11111qYh1yey111115h0' +
    '1hFg111110is1lGk1sik99y166w1wwm1111177x1-6511111-651wwm1111122r1uks11111-6514u218y514*1-2613s6131111' +
    '3714161311111613s6131111x815gu1r11111613q411ty1vy123w10rm1qz1111x11s515011115150m1qz1111r1vws1oV1111' +
    '515021yf51101*r+16ey16m6111117fz16ox111116ox16m6111118k31uLu111116ox14T41yop99y144u1yyo1111199y1*981' +
    '1111*981yyo1111122s1rho11111-6513t11+0814*1-0411u81511114916491611114916u8151111y815cr1o11111613p310' +
    'w01xy123u1ypo1s11111y12t818311118183o1s11111s1wxo1kS1111515011xe81431*r+14cw18o8111119h019r0111119r0' +
    '18o8111118k41rJq111116ox13S310qs99y166w1wwm1111177x1-6511111-651wwm1111122r1uks11111-6514u218y514*1-' +
    '2613s61311113714161311111613s6131111x815gu1r11111613q411ty1vy123w10rm1qz1111x11s515011115150m1qz1111' +
    'r1vws1oV1111515021yf51101*r+16ey16m6111117fz16ox111116ox16m6111118k31uLu111116ox14T41yop99y144u1yyo1' +
    '111199y1*9811111*981yyo1111122s1rho11111-6513t11+0814*1-0411u81511114916491611114916u8151111y815cr1o' +
    '11111613p310w01xy123u1ypo1s11111y12t818311118183o1s11111s1wxo1kS1111515011xe81431*r+14cw18o8111119h0' +
    '19r0111119r018o8111118k41rJq111116ox13S310qs10p10zo1rqf1111153s19211111180z1rqf11111zxm1kZg1111180z1' +
    'zov13rz1z414yx1xpy1y1111221210101111zz1zpy1y1111w212Yh1h1111zz1znw1wqq1qp1uxo1tmf1kv1111s1yq112z1111' +
    'z11xf1kv1111m1sug1dO1111z11xv1sbz1wx14n01xcp1ylz111112hu10ps11111zor1ylz111112ly1hHh11111zor1wSx1qni' +
    '21q10yn1ihW11111zyn16yx11111woo1onc11111zxm1hVc111116zy1lZg12ry10515xx1xgp1p1111xw1wxx1x1111nn1nmv1v' +
    '1111w212Ue1e1111yx1xYi1iqp1pq1vyn1tlW1bm1111n1slx1zv1111o1pmc1hs1111m1suc1aL1111y1zwg1eOy1vw15o11xcp' +
    '1pcp11111wbo1xmp11111ncf1viw111112ly1eGe11111xmp1iHi1pmh97w165u1wvk1111176v1-4311111-431wvk1111120p1' +
    'ujq11111-4314t018w316-1-4313u31311115414331311113313u3131111z515ir1r11113313s111vv1vw124u1zsk1p01111' +
    'v10t315111113151k1p01111p1vxq1oW1111315101xg31111-u813iv13q3111114jw13rv111113rv13q3111115o11rOs1111' +
    '13rv11W11vsn97w143s1yxm1111197w1*7611111*761yxm1111121q1rfm11111-4313sz1+z616-1-2111w515111166166616' +
    '11116616w51511110515eo1o11113313r010yx1xw124s1xqm1r21111w12u618411116184m1r21111q1vym1kT11113151z1wf' +
    '61341-u811gt15s5111116ky16uy111116uy15s5111115o11oLo111113rv10V01xup97w165u1wvk1111176v1-4311111-431' +
    'wvk1111120p1ujq11111-4314t018w316-1-4313u31311115414331311113313u3131111z515ir1r11113313s111vv1vw124' +
    'u1zsk1p01111v10t315111113151k1p01111p1vxq1oW1111315101xg31111-u813iv13q3111114jw13rv111113rv13q31111' +
    '15o11rOs111113rv11W11vsn97w143s1yxm1111197w1*7611111*761yxm1111121q1rfm11111-4313sz1+z616-1-2111w515' +
    '11116616661611116616w51511110515eo1o11113313r010yx1xw124s1xqm1r21111w12u618411116184m1r21111q1vym1kT' +
    '11113151z1wf61341-u811gt15s5111116ky16uy111116uy15s5111115o11oLo111113rv10V01xup11r100q1rrh1111155u1' +
    '933111118211rrh11111zzo1kai111118211zpx13t01x714w01xn11y11110512z3101111x21zn11y1111u512Wk1h1111x21z' +
    'lz1wot1qr1vwq1ulh1lu1111u1yp313y1111111wh1lu1111o1sti1eN1111111wx1ta01ww17j310Ys11h1111115dw13lv1111' +
    '12kt11h1111115h01kGk111112kt1zPz1tjk22s100p1iiY11111zzp160z11111wqq1ooe11111zzo1hXe111116001lbi12s01' +
    'y815v01xes1p1111vz1wv01x1111lq1nky1v1111u512Th1e1111w01xWl1ios1ps1wxp1tkY1cl1111p1tkz1zu1111q1ple1ir' +
    '1111o1ste1aK1111010vi1eN01wv18k410Yr1sYs11111zXr10ir11111qYh1yey111115h01hFg111110is1lGk1sik99y166w1' +
    'wwm1111177x1-6511111-651wwm1111122r1uks11111-6514u218y514*1-2613s61311113714161311111613s6131111x815' +
    'gu1r11111613q411ty1vy123w10rm1qz1111x11s515011115150m1qz1111r1vws1oV1111515021yf51101*r+16ey16m61111' +
    '17fz16ox111116ox16m6111118k31uLu111116ox14T41yop99y144u1yyo1111199y1*9811111*981yyo1111122s1rho11111' +
    '-6513t11+0814*1-0411u81511114916491611114916u8151111y815cr1o11111613p310w01xy123u1ypo1s11111y12t8183' +
    '11118183o1s11111s1wxo1kS1111515011xe81431*r+14cw18o8111119h019r0111119r018o8111118k41rJq111116ox13S3' +
    '10qs99y166w1wwm1111177x1-6511111-651wwm1111122r1uks11111-6514u218y514*1-2613s61311113714161311111613' +
    's6131111x815gu1r11111613q411ty1vy123w10rm1qz1111x11s515011115150m1qz1111r1vws1oV1111515021yf51101*r+' +
    '16ey16m6111117fz16ox111116ox16m6111118k31uLu111116ox14T41yop99y144u1yyo1111199y1*9811111*981yyo11111' +
    '22s1rho11111-6513t11+0814*1-0411u81511114916491611114916u8151111y815cr1o11111613p310w01xy123u1ypo1s1' +
    '1111y12t818311118183o1s11111s1wxo1kS1111515011xe81431*r+14cw18o8111119h019r0111119r018o8111118k41rJq' +
    '111116ox13S310qs',
  ),
  asymmetry: Int32Array.of(
    50, 300,
  ),
  multi: Int32Array.of(
    0, 340, 40,
  ),
  terminalAu: Int32Array.of(
    50,
  ),
  extrapolation: 107.856,
  hairpins: new Map([
    ['GGGGAC', 20], ['GGUGAC', 20], ['CGAAAG', 40], ['GGAGAC', 20], ['CGCAAG', 40], ['GGAAAC', 20],
    ['CGGAAG', 40], ['CUUCGG', 80], ['CGUGAG', 40], ['CGAAGG', 150], ['CUACGG', 130], ['GGCAAC', 70],
    ['CGCGAG', 90], ['UGAGAG', 230], ['CGAGAG', 140], ['AGAAAU', 250], ['CGUAAG', 140], ['CUAACG', 220],
    ['UGAAAG', 280], ['GGAAGC', 270], ['GGGAAC', 170], ['UGAAAA', 270], ['AGCAAU', 300], ['AGUAAU', 300],
    ['CGGGAG', 190], ['AGUGAU', 300], ['GGCGAC', 170], ['GGGAGC', 270], ['GUGAAC', 220], ['UGGAAA', 270],
  ]),
};
