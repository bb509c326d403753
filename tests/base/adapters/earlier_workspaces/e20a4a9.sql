BEGIN TRANSACTION;
CREATE TABLE batches (
	batch_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (batch_id)
);
INSERT INTO "batches" VALUES(1,'rotation','tiny-e54cd4cf73f9',109482055491652,'2026-11-30T21:40:31.630914+00:00');
INSERT INTO "batches" VALUES(2,'rotation','tiny-e54cd4cf73f9',0,'2026-11-30T21:40:40.435639+00:00');
INSERT INTO "batches" VALUES(3,'rotation','tiny-e54cd4cf73f9',19622188648863,'2026-11-30T21:40:40.932453+00:00');
INSERT INTO "batches" VALUES(4,'rotation','tiny-e54cd4cf73f9',0,'2026-11-30T21:40:50.562905+00:00');
INSERT INTO "batches" VALUES(5,'rotation','tiny-e54cd4cf73f9',84912583796065,'2026-11-30T21:40:52.472694+00:00');
CREATE TABLE boxes (
	id INTEGER NOT NULL, 
	label_id INTEGER NOT NULL, 
	label VARCHAR NOT NULL, 
	"left" FLOAT NOT NULL, 
	top FLOAT NOT NULL, 
	width FLOAT NOT NULL, 
	height FLOAT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(label_id) REFERENCES labels (id)
);
INSERT INTO "boxes" VALUES(1,25,'left_hip',0.1,0.2,0.3,0.25);
CREATE TABLE files (
	path VARCHAR NOT NULL, 
	radiograph_id VARCHAR, 
	size_bytes BIGINT NOT NULL, 
	modified_ns BIGINT NOT NULL, 
	problem VARCHAR, 
	indexed_at VARCHAR NOT NULL, 
	PRIMARY KEY (path), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "files" VALUES('/phantoms/phantom_0001.png','e952451b6d48738626a6',50275,1796074517321523313,NULL,'2026-11-30T21:35:18.570823+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0002.png','88a669a06548cdbb2d81',43718,1796074517356628359,NULL,'2026-11-30T21:35:18.587944+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0003.png','57a87edfbb3df16801be',43786,1796074517386662814,NULL,'2026-11-30T21:35:18.601542+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0004.png','08c448c06f7bc8c80091',47624,1796074517423545170,NULL,'2026-11-30T21:35:18.613520+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0005.png','f0d090ab3ac081099fa1',52322,1796074517460917992,NULL,'2026-11-30T21:35:18.623365+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0006.png','e5ccd76f3e5218f38092',41233,1796074517501413385,NULL,'2026-11-30T21:35:18.633644+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0007.png','d6816a4174a727d017be',47772,1796074517540840434,NULL,'2026-11-30T21:35:18.643491+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0008.png','8c2c805d204f01a0f81e',37770,1796074517569819679,NULL,'2026-11-30T21:35:18.658118+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0009.png','215b8687a9fbe441ba05',42027,1796074517614192905,NULL,'2026-11-30T21:35:18.667465+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0010.png','7aa364456aaedf9d133e',41298,1796074517653496403,NULL,'2026-11-30T21:35:18.672299+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0011.png','8b99e7dad2c6bbe9b7e0',45171,1796074517687275292,NULL,'2026-11-30T21:35:18.686230+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0012.png','41bce2e9b09b2b01fd7a',50599,1796074517725241522,NULL,'2026-11-30T21:35:18.688298+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0013.png','d48f059b9e35190cceeb',39506,1796074517763177085,NULL,'2026-11-30T21:35:18.690007+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0014.png','1c988411435c980bea28',38661,1796074517791906844,NULL,'2026-11-30T21:35:18.719631+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0015.png','01231811163ed686bbd2',42569,1796074517822150791,NULL,'2026-11-30T21:35:18.731749+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0016.png','4691b6cf69ae33f3c17f',44404,1796074517868640464,NULL,'2026-11-30T21:35:18.743762+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0017.png','6e19ce1ca2097c411aec',44985,1796074517901383074,NULL,'2026-11-30T21:35:18.760580+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0018.png','6e4a80c632366ab74717',40562,1796074517932640462,NULL,'2026-11-30T21:35:18.779340+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0019.png','adbbb71825d8a5862048',45176,1796074517971227643,NULL,'2026-11-30T21:35:18.790241+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0020.png','1e548519923dd0100fe7',41723,1796074518005812187,NULL,'2026-11-30T21:35:18.796134+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0021.png','ff49d5d0e79c1a78928d',47807,1796074518048730066,NULL,'2026-11-30T21:35:18.797391+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0022.png','e4143afc159741c3fc74',43400,1796074518081813676,NULL,'2026-11-30T21:35:18.798341+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0023.png','620f406a84f85c0a4a9b',46208,1796074518127491910,NULL,'2026-11-30T21:35:18.803881+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0024.png','c2ea4655f0601630f8f5',39136,1796074518167733049,NULL,'2026-11-30T21:35:18.805026+00:00');
CREATE TABLE items (
	item_key VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	item_id INTEGER, 
	batch_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	shown_label VARCHAR NOT NULL, 
	radiograph_ids JSON NOT NULL, 
	pushed_at VARCHAR, 
	closed_at VARCHAR, 
	PRIMARY KEY (item_key, project_id)
);
INSERT INTO "items" VALUES('1-157935cde424e07b4c13',3,1,1,'rotation',0,'sheet','turned_90','["620f406a84f85c0a4a9b", "d6816a4174a727d017be"]','2026-11-30T21:40:32.108828+00:00','2026-11-30T21:40:39.548089+00:00');
INSERT INTO "items" VALUES('1-949d468126188ceb2b73',3,4,1,'rotation',1,'sheet','turned_180','["f0d090ab3ac081099fa1"]','2026-11-30T21:40:32.110433+00:00','2026-11-30T21:40:35.792398+00:00');
INSERT INTO "items" VALUES('1-fbb0df65c38cd3f27d7f',3,3,1,'rotation',2,'sheet','turned_270','["08c448c06f7bc8c80091"]','2026-11-30T21:40:32.110880+00:00','2026-11-30T21:40:35.792802+00:00');
INSERT INTO "items" VALUES('1-d6d7ebf21e34d5fbd1d6',3,2,1,'rotation',3,'sheet','upright','["01231811163ed686bbd2", "1c988411435c980bea28", "4691b6cf69ae33f3c17f", "8c2c805d204f01a0f81e", "d48f059b9e35190cceeb"]','2026-11-30T21:40:32.111207+00:00','2026-11-30T21:40:35.793108+00:00');
INSERT INTO "items" VALUES('2-18a950f7da4fd72d9ae0',4,7,2,'rotation',0,'single','','["01231811163ed686bbd2"]','2026-11-30T21:40:40.891649+00:00','2026-11-30T21:40:49.754431+00:00');
INSERT INTO "items" VALUES('2-831574f5c932f4db8dcc',4,5,2,'rotation',1,'single','','["08c448c06f7bc8c80091"]','2026-11-30T21:40:40.892452+00:00','2026-11-30T21:40:45.508842+00:00');
INSERT INTO "items" VALUES('2-80dba5cfe6dd8ab0687a',4,6,2,'rotation',2,'single','','["f0d090ab3ac081099fa1"]','2026-11-30T21:40:40.892895+00:00','2026-11-30T21:40:45.509223+00:00');
INSERT INTO "items" VALUES('3-588e818b623a69cfdabc',3,8,3,'rotation',0,'sheet','upright','["215b8687a9fbe441ba05", "41bce2e9b09b2b01fd7a", "57a87edfbb3df16801be", "6e19ce1ca2097c411aec", "7aa364456aaedf9d133e", "88a669a06548cdbb2d81"]','2026-11-30T21:40:41.499856+00:00','2026-11-30T21:40:45.068779+00:00');
INSERT INTO "items" VALUES('3-03a448c8e68794d42696',3,9,3,'rotation',1,'sheet','upright','["8b99e7dad2c6bbe9b7e0", "c2ea4655f0601630f8f5", "e952451b6d48738626a6"]','2026-11-30T21:40:41.500695+00:00','2026-11-30T21:40:45.069148+00:00');
INSERT INTO "items" VALUES('4-7463ab2f5b3253b7800e',4,11,4,'rotation',0,'single','','["215b8687a9fbe441ba05"]','2026-11-30T21:40:51.143822+00:00',NULL);
INSERT INTO "items" VALUES('4-37dffbd92807f2f044fd',4,10,4,'rotation',1,'single','','["8b99e7dad2c6bbe9b7e0"]','2026-11-30T21:40:51.144675+00:00',NULL);
INSERT INTO "items" VALUES('5-7c8dd16daf57e4039772',3,12,5,'rotation',0,'sheet','upright','["1e548519923dd0100fe7", "6e4a80c632366ab74717", "adbbb71825d8a5862048", "e4143afc159741c3fc74", "e5ccd76f3e5218f38092", "ff49d5d0e79c1a78928d"]','2026-11-30T21:40:53.073694+00:00',NULL);
CREATE TABLE labels (
	id INTEGER NOT NULL, 
	radiograph_id VARCHAR NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	denied BOOLEAN NOT NULL, 
	source VARCHAR NOT NULL, 
	reviewer VARCHAR NOT NULL, 
	answered_at VARCHAR NOT NULL, 
	recorded_at VARCHAR NOT NULL, 
	annotation VARCHAR, 
	annotation_updated_at VARCHAR, 
	withdrawn_at VARCHAR, 
	confidence FLOAT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "labels" VALUES(1,'620f406a84f85c0a4a9b','rotation','turned_90',1,'REVIEWER','user 1','2026-11-30T21:40:32.719058Z','2026-11-30T21:40:35.766051+00:00','1-157935cde424e07b4c13/1','2026-11-30T21:40:32.719058Z','2026-11-30T21:40:37.691359+00:00',NULL);
INSERT INTO "labels" VALUES(2,'d6816a4174a727d017be','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:32.719058Z','2026-11-30T21:40:35.766051+00:00','1-157935cde424e07b4c13/1','2026-11-30T21:40:32.719058Z','2026-11-30T21:40:37.691359+00:00',NULL);
INSERT INTO "labels" VALUES(3,'01231811163ed686bbd2','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:40:34.117704Z','2026-11-30T21:40:35.780136+00:00','1-d6d7ebf21e34d5fbd1d6/4','2026-11-30T21:40:34.117704Z',NULL,NULL);
INSERT INTO "labels" VALUES(4,'1c988411435c980bea28','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:34.117704Z','2026-11-30T21:40:35.780136+00:00','1-d6d7ebf21e34d5fbd1d6/4','2026-11-30T21:40:34.117704Z',NULL,NULL);
INSERT INTO "labels" VALUES(5,'4691b6cf69ae33f3c17f','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:34.117704Z','2026-11-30T21:40:35.780136+00:00','1-d6d7ebf21e34d5fbd1d6/4','2026-11-30T21:40:34.117704Z',NULL,NULL);
INSERT INTO "labels" VALUES(6,'8c2c805d204f01a0f81e','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:34.117704Z','2026-11-30T21:40:35.780136+00:00','1-d6d7ebf21e34d5fbd1d6/4','2026-11-30T21:40:34.117704Z',NULL,NULL);
INSERT INTO "labels" VALUES(7,'d48f059b9e35190cceeb','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:34.117704Z','2026-11-30T21:40:35.780136+00:00','1-d6d7ebf21e34d5fbd1d6/4','2026-11-30T21:40:34.117704Z',NULL,NULL);
INSERT INTO "labels" VALUES(8,'08c448c06f7bc8c80091','rotation','turned_270',1,'REVIEWER','user 1','2026-11-30T21:40:33.692010Z','2026-11-30T21:40:35.781189+00:00','1-fbb0df65c38cd3f27d7f/3','2026-11-30T21:40:33.692010Z',NULL,NULL);
INSERT INTO "labels" VALUES(9,'f0d090ab3ac081099fa1','rotation','turned_180',1,'REVIEWER','user 1','2026-11-30T21:40:33.257025Z','2026-11-30T21:40:35.782376+00:00','1-949d468126188ceb2b73/2','2026-11-30T21:40:33.257025Z',NULL,NULL);
INSERT INTO "labels" VALUES(10,'620f406a84f85c0a4a9b','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:37.991442Z','2026-11-30T21:40:39.545102+00:00','1-157935cde424e07b4c13/5','2026-11-30T21:40:37.991442Z',NULL,NULL);
INSERT INTO "labels" VALUES(11,'d6816a4174a727d017be','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:37.991442Z','2026-11-30T21:40:39.545102+00:00','1-157935cde424e07b4c13/5','2026-11-30T21:40:37.991442Z',NULL,NULL);
INSERT INTO "labels" VALUES(12,'215b8687a9fbe441ba05','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:40:43.456702Z','2026-11-30T21:40:45.067038+00:00','3-588e818b623a69cfdabc/9','2026-11-30T21:40:43.456702Z',NULL,NULL);
INSERT INTO "labels" VALUES(13,'41bce2e9b09b2b01fd7a','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.456702Z','2026-11-30T21:40:45.067038+00:00','3-588e818b623a69cfdabc/9','2026-11-30T21:40:43.456702Z',NULL,NULL);
INSERT INTO "labels" VALUES(14,'57a87edfbb3df16801be','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.456702Z','2026-11-30T21:40:45.067038+00:00','3-588e818b623a69cfdabc/9','2026-11-30T21:40:43.456702Z',NULL,NULL);
INSERT INTO "labels" VALUES(15,'6e19ce1ca2097c411aec','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.456702Z','2026-11-30T21:40:45.067038+00:00','3-588e818b623a69cfdabc/9','2026-11-30T21:40:43.456702Z',NULL,NULL);
INSERT INTO "labels" VALUES(16,'7aa364456aaedf9d133e','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.456702Z','2026-11-30T21:40:45.067038+00:00','3-588e818b623a69cfdabc/9','2026-11-30T21:40:43.456702Z',NULL,NULL);
INSERT INTO "labels" VALUES(17,'88a669a06548cdbb2d81','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.456702Z','2026-11-30T21:40:45.067038+00:00','3-588e818b623a69cfdabc/9','2026-11-30T21:40:43.456702Z',NULL,NULL);
INSERT INTO "labels" VALUES(18,'8b99e7dad2c6bbe9b7e0','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:40:43.793131Z','2026-11-30T21:40:45.068107+00:00','3-03a448c8e68794d42696/10','2026-11-30T21:40:43.793131Z',NULL,NULL);
INSERT INTO "labels" VALUES(19,'c2ea4655f0601630f8f5','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.793131Z','2026-11-30T21:40:45.068107+00:00','3-03a448c8e68794d42696/10','2026-11-30T21:40:43.793131Z',NULL,NULL);
INSERT INTO "labels" VALUES(20,'e952451b6d48738626a6','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:40:43.793131Z','2026-11-30T21:40:45.068107+00:00','3-03a448c8e68794d42696/10','2026-11-30T21:40:43.793131Z',NULL,NULL);
INSERT INTO "labels" VALUES(21,'08c448c06f7bc8c80091','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:42.806067Z','2026-11-30T21:40:45.496977+00:00','2-831574f5c932f4db8dcc/7','2026-11-30T21:40:42.806067Z',NULL,NULL);
INSERT INTO "labels" VALUES(22,'f0d090ab3ac081099fa1','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:43.172343Z','2026-11-30T21:40:45.497998+00:00','2-80dba5cfe6dd8ab0687a/8','2026-11-30T21:40:43.172343Z',NULL,NULL);
INSERT INTO "labels" VALUES(23,'01231811163ed686bbd2','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:42.347566Z','2026-11-30T21:40:45.507485+00:00','2-18a950f7da4fd72d9ae0/6','2026-11-30T21:40:42.347566Z','2026-11-30T21:40:47.473345+00:00',NULL);
INSERT INTO "labels" VALUES(24,'01231811163ed686bbd2','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:40:47.543119Z','2026-11-30T21:40:49.753741+00:00','2-18a950f7da4fd72d9ae0/11','2026-11-30T21:40:47.543119Z',NULL,NULL);
INSERT INTO "labels" VALUES(25,'e952451b6d48738626a6','hip_box','found',0,'REVIEWER','','2026-01-01','2026-11-30T21:40:49.757451+00:00',NULL,NULL,NULL,NULL);
INSERT INTO "labels" VALUES(26,'e952451b6d48738626a6','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:40:49.771069+00:00','2026-11-30T21:40:49.773167+00:00',NULL,NULL,NULL,0.9);
INSERT INTO "labels" VALUES(27,'88a669a06548cdbb2d81','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:40:49.771069+00:00','2026-11-30T21:40:49.773167+00:00',NULL,NULL,NULL,0.9);
INSERT INTO "labels" VALUES(28,'57a87edfbb3df16801be','metal_implant','metal',0,'REPORT','rod.any','2026-11-30T21:40:49.771069+00:00','2026-11-30T21:40:49.773167+00:00',NULL,NULL,NULL,0.9);
CREATE TABLE model_versions (
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	trained_at VARCHAR NOT NULL, 
	reviewer_labels INTEGER NOT NULL, 
	judgement JSON NOT NULL, 
	PRIMARY KEY (detector_task, model_version)
);
INSERT INTO "model_versions" VALUES('inversion','tiny-e54cd4cf73f9','2026-11-30T21:37:50.920484+00:00',0,'{"publish": true, "reason": "the first version: 0 of 12 sealed views wrong", "champion": null, "sealed_views": 12, "sealed_errors": 0, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
INSERT INTO "model_versions" VALUES('rotation','tiny-e54cd4cf73f9','2026-11-30T21:37:59.472622+00:00',0,'{"publish": true, "reason": "the first version: 4 of 24 sealed views wrong", "champion": null, "sealed_views": 24, "sealed_errors": 4, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
CREATE TABLE picks (
	batch_id INTEGER NOT NULL, 
	radiograph_id VARCHAR NOT NULL, 
	rank INTEGER NOT NULL, 
	slice VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	PRIMARY KEY (batch_id, radiograph_id), 
	FOREIGN KEY(batch_id) REFERENCES batches (batch_id), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "picks" VALUES(1,'08c448c06f7bc8c80091',1,'likely','probably turned_270: 0.375');
INSERT INTO "picks" VALUES(1,'620f406a84f85c0a4a9b',2,'likely','probably turned_90: 0.380');
INSERT INTO "picks" VALUES(1,'d6816a4174a727d017be',3,'likely','probably turned_90: 0.356');
INSERT INTO "picks" VALUES(1,'8c2c805d204f01a0f81e',4,'likely','probably upright: 0.358');
INSERT INTO "picks" VALUES(1,'f0d090ab3ac081099fa1',5,'likely','probably turned_180: 0.376');
INSERT INTO "picks" VALUES(1,'4691b6cf69ae33f3c17f',6,'uncertain','undecided: uncertainty 0.656');
INSERT INTO "picks" VALUES(1,'d48f059b9e35190cceeb',7,'uncertain','undecided: uncertainty 0.512');
INSERT INTO "picks" VALUES(1,'1c988411435c980bea28',8,'audit','drawn at random from 17 films nobody has looked at');
INSERT INTO "picks" VALUES(1,'01231811163ed686bbd2',9,'audit','drawn at random from 17 films nobody has looked at');
INSERT INTO "picks" VALUES(2,'01231811163ed686bbd2',1,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(2,'08c448c06f7bc8c80091',2,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(2,'f0d090ab3ac081099fa1',3,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(3,'88a669a06548cdbb2d81',1,'outlier','unlike the rest: 1.0');
INSERT INTO "picks" VALUES(3,'57a87edfbb3df16801be',2,'uncertain','undecided: uncertainty 0.456');
INSERT INTO "picks" VALUES(3,'6e19ce1ca2097c411aec',3,'uncertain','undecided: uncertainty 0.409');
INSERT INTO "picks" VALUES(3,'41bce2e9b09b2b01fd7a',4,'uncertain','undecided: uncertainty 0.408');
INSERT INTO "picks" VALUES(3,'e952451b6d48738626a6',5,'uncertain','undecided: uncertainty 0.407');
INSERT INTO "picks" VALUES(3,'7aa364456aaedf9d133e',6,'uncertain','undecided: uncertainty 0.370');
INSERT INTO "picks" VALUES(3,'8b99e7dad2c6bbe9b7e0',7,'uncertain','undecided: uncertainty 0.367');
INSERT INTO "picks" VALUES(3,'215b8687a9fbe441ba05',8,'audit','drawn at random from 8 films nobody has looked at');
INSERT INTO "picks" VALUES(3,'c2ea4655f0601630f8f5',9,'audit','drawn at random from 8 films nobody has looked at');
INSERT INTO "picks" VALUES(4,'215b8687a9fbe441ba05',1,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(4,'8b99e7dad2c6bbe9b7e0',2,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(5,'e5ccd76f3e5218f38092',1,'outlier','unlike the rest: 1.0');
INSERT INTO "picks" VALUES(5,'6e4a80c632366ab74717',2,'uncertain','undecided: uncertainty 0.364');
INSERT INTO "picks" VALUES(5,'e4143afc159741c3fc74',3,'uncertain','undecided: uncertainty 0.351');
INSERT INTO "picks" VALUES(5,'ff49d5d0e79c1a78928d',4,'uncertain','undecided: uncertainty 0.343');
INSERT INTO "picks" VALUES(5,'adbbb71825d8a5862048',5,'audit','drawn at random from 2 films nobody has looked at');
INSERT INTO "picks" VALUES(5,'1e548519923dd0100fe7',6,'audit','drawn at random from 2 films nobody has looked at');
CREATE TABLE projects (
	detector_task VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	label_studio_url VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	PRIMARY KEY (detector_task, kind, label_studio_url)
);
INSERT INTO "projects" VALUES('inversion','sheet','http://127.0.0.1:50805',1);
INSERT INTO "projects" VALUES('inversion','single','http://127.0.0.1:50805',2);
INSERT INTO "projects" VALUES('rotation','sheet','http://127.0.0.1:50805',3);
INSERT INTO "projects" VALUES('rotation','single','http://127.0.0.1:50805',4);
CREATE TABLE publications (
	id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	published_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "publications" VALUES(1,'inversion','tiny-e54cd4cf73f9','first','2026-11-30T21:37:52.959556+00:00');
INSERT INTO "publications" VALUES(2,'rotation','tiny-e54cd4cf73f9','first','2026-11-30T21:38:01.579142+00:00');
CREATE TABLE radiographs (
	radiograph_id VARCHAR NOT NULL, 
	thumbnail_row INTEGER NOT NULL, 
	width_px INTEGER NOT NULL, 
	height_px INTEGER NOT NULL, 
	file_format VARCHAR NOT NULL, 
	normalisation JSON NOT NULL, 
	dicom_tags JSON NOT NULL, 
	patient_key VARCHAR NOT NULL, 
	patient_source VARCHAR NOT NULL, 
	age_years FLOAT, 
	sex VARCHAR, 
	view_position VARCHAR, 
	indexed_at VARCHAR NOT NULL, 
	PRIMARY KEY (radiograph_id), 
	UNIQUE (thumbnail_row)
);
INSERT INTO "radiographs" VALUES('e952451b6d48738626a6',0,279,256,'PNG','[]','{}','92d054b95be7ea1ea2204e7c','metadata',28.0,'M','PA','2026-11-30T21:35:18.540517+00:00');
INSERT INTO "radiographs" VALUES('88a669a06548cdbb2d81',1,271,256,'PNG','[]','{}','92d054b95be7ea1ea2204e7c','metadata',28.0,'M','PA','2026-11-30T21:35:18.587418+00:00');
INSERT INTO "radiographs" VALUES('57a87edfbb3df16801be',2,268,256,'PNG','[]','{}','b4e4ba3d974e1da33a15f81e','metadata',69.0,'M','AP','2026-11-30T21:35:18.600982+00:00');
INSERT INTO "radiographs" VALUES('08c448c06f7bc8c80091',3,256,285,'PNG','[]','{}','b4e4ba3d974e1da33a15f81e','metadata',69.0,'M','AP','2026-11-30T21:35:18.613177+00:00');
INSERT INTO "radiographs" VALUES('f0d090ab3ac081099fa1',4,285,256,'PNG','[]','{}','18aab3bf09957eb223b54601','metadata',89.0,'M','PA','2026-11-30T21:35:18.622992+00:00');
INSERT INTO "radiographs" VALUES('e5ccd76f3e5218f38092',5,246,256,'PNG','[]','{}','52e888fed3da0cd9ee3746ea','metadata',33.0,'M','PA','2026-11-30T21:35:18.633237+00:00');
INSERT INTO "radiographs" VALUES('d6816a4174a727d017be',6,256,270,'PNG','[]','{}','52e888fed3da0cd9ee3746ea','metadata',33.0,'M','PA','2026-11-30T21:35:18.643086+00:00');
INSERT INTO "radiographs" VALUES('8c2c805d204f01a0f81e',7,242,256,'PNG','[]','{}','52e888fed3da0cd9ee3746ea','metadata',33.0,'M','AP','2026-11-30T21:35:18.657681+00:00');
INSERT INTO "radiographs" VALUES('215b8687a9fbe441ba05',8,244,256,'PNG','[]','{}','30856d4bb1d1d9962ff4d6f8','metadata',24.0,'F','AP','2026-11-30T21:35:18.667065+00:00');
INSERT INTO "radiographs" VALUES('7aa364456aaedf9d133e',9,224,256,'PNG','[]','{}','057067e270fd222453e81941','metadata',53.0,'M','AP','2026-11-30T21:35:18.671962+00:00');
INSERT INTO "radiographs" VALUES('8b99e7dad2c6bbe9b7e0',10,281,256,'PNG','[]','{}','f1309eb573c587d123581a0e','metadata',90.0,'F','AP','2026-11-30T21:35:18.685681+00:00');
INSERT INTO "radiographs" VALUES('41bce2e9b09b2b01fd7a',11,275,256,'PNG','[]','{}','f1309eb573c587d123581a0e','metadata',90.0,'F','PA','2026-11-30T21:35:18.687985+00:00');
INSERT INTO "radiographs" VALUES('d48f059b9e35190cceeb',12,277,256,'PNG','[]','{}','f1309eb573c587d123581a0e','metadata',90.0,'F','AP','2026-11-30T21:35:18.689694+00:00');
INSERT INTO "radiographs" VALUES('1c988411435c980bea28',13,235,256,'PNG','[]','{}','0011fbf0e37b3219543bee24','metadata',21.0,'M','PA','2026-11-30T21:35:18.719146+00:00');
INSERT INTO "radiographs" VALUES('01231811163ed686bbd2',14,286,256,'PNG','[]','{}','0011fbf0e37b3219543bee24','metadata',21.0,'M','PA','2026-11-30T21:35:18.731215+00:00');
INSERT INTO "radiographs" VALUES('4691b6cf69ae33f3c17f',15,274,256,'PNG','[]','{}','41801b4a45e0ebd07c160b60','metadata',31.0,'M','PA','2026-11-30T21:35:18.743213+00:00');
INSERT INTO "radiographs" VALUES('6e19ce1ca2097c411aec',16,241,256,'PNG','[]','{}','41801b4a45e0ebd07c160b60','metadata',31.0,'M','PA','2026-11-30T21:35:18.760050+00:00');
INSERT INTO "radiographs" VALUES('6e4a80c632366ab74717',17,283,256,'PNG','[]','{}','41801b4a45e0ebd07c160b60','metadata',31.0,'M','PA','2026-11-30T21:35:18.778974+00:00');
INSERT INTO "radiographs" VALUES('adbbb71825d8a5862048',18,283,256,'PNG','[]','{}','3b4883b223f471a04b2dd827','metadata',22.0,'F','PA','2026-11-30T21:35:18.789831+00:00');
INSERT INTO "radiographs" VALUES('1e548519923dd0100fe7',19,231,256,'PNG','[]','{}','04f93c2a0470b52a5fc89598','metadata',56.0,'M','PA','2026-11-30T21:35:18.795763+00:00');
INSERT INTO "radiographs" VALUES('ff49d5d0e79c1a78928d',20,273,256,'PNG','[]','{}','04f93c2a0470b52a5fc89598','metadata',56.0,'M','PA','2026-11-30T21:35:18.797195+00:00');
INSERT INTO "radiographs" VALUES('e4143afc159741c3fc74',21,248,256,'PNG','[]','{}','04f93c2a0470b52a5fc89598','metadata',56.0,'M','PA','2026-11-30T21:35:18.798169+00:00');
INSERT INTO "radiographs" VALUES('620f406a84f85c0a4a9b',22,256,271,'PNG','[]','{}','da8b6741526e351b3ab082bf','metadata',23.0,'M','PA','2026-11-30T21:35:18.803635+00:00');
INSERT INTO "radiographs" VALUES('c2ea4655f0601630f8f5',23,226,256,'PNG','[]','{}','a2a9a00f20e16da10fb0250d','metadata',18.0,'F','PA','2026-11-30T21:35:18.804839+00:00');
CREATE INDEX ix_radiographs_patient_key ON radiographs (patient_key);
CREATE INDEX ix_publications_detector_task ON publications (detector_task);
CREATE INDEX ix_batches_detector_task ON batches (detector_task);
CREATE INDEX ix_items_detector_task ON items (detector_task);
CREATE INDEX ix_items_batch_id ON items (batch_id);
CREATE INDEX ix_files_radiograph_id ON files (radiograph_id);
CREATE INDEX ix_labels_detector_task ON labels (detector_task);
CREATE INDEX ix_labels_radiograph_id ON labels (radiograph_id);
CREATE INDEX ix_labels_annotation ON labels (annotation);
CREATE INDEX ix_boxes_label_id ON boxes (label_id);
COMMIT;
