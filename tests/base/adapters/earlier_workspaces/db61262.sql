BEGIN TRANSACTION;
CREATE TABLE batches (
	batch_id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	created_at VARCHAR NOT NULL, 
	PRIMARY KEY (batch_id)
);
INSERT INTO "batches" VALUES(1,'rotation','tiny-d7a163010c4e',6261949861031,'2026-11-30T21:34:00.494078+00:00');
INSERT INTO "batches" VALUES(2,'rotation','tiny-d7a163010c4e',0,'2026-11-30T21:34:08.978143+00:00');
INSERT INTO "batches" VALUES(3,'rotation','tiny-d7a163010c4e',265288072260671,'2026-11-30T21:34:09.389523+00:00');
INSERT INTO "batches" VALUES(4,'rotation','tiny-d7a163010c4e',0,'2026-11-30T21:34:19.542865+00:00');
INSERT INTO "batches" VALUES(5,'rotation','tiny-d7a163010c4e',196724946589843,'2026-11-30T21:34:20.010224+00:00');
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
INSERT INTO "files" VALUES('/phantoms/phantom_0001.png','e952451b6d48738626a6',50275,1796074144795391024,NULL,'2026-11-30T21:29:05.715438+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0002.png','88a669a06548cdbb2d81',43718,1796074144816400213,NULL,'2026-11-30T21:29:05.732482+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0003.png','57a87edfbb3df16801be',43786,1796074144833079666,NULL,'2026-11-30T21:29:05.745426+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0004.png','08c448c06f7bc8c80091',47624,1796074144858217035,NULL,'2026-11-30T21:29:05.759404+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0005.png','f0d090ab3ac081099fa1',52322,1796074144886686268,NULL,'2026-11-30T21:29:05.773935+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0006.png','e5ccd76f3e5218f38092',41233,1796074144912670869,NULL,'2026-11-30T21:29:05.780036+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0007.png','d6816a4174a727d017be',47772,1796074144931776904,NULL,'2026-11-30T21:29:05.791604+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0008.png','8c2c805d204f01a0f81e',37770,1796074144948659816,NULL,'2026-11-30T21:29:05.799292+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0009.png','215b8687a9fbe441ba05',42027,1796074144964598305,NULL,'2026-11-30T21:29:05.811325+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0010.png','7aa364456aaedf9d133e',41298,1796074144984772534,NULL,'2026-11-30T21:29:05.816805+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0011.png','8b99e7dad2c6bbe9b7e0',45171,1796074145009125369,NULL,'2026-11-30T21:29:05.823265+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0012.png','41bce2e9b09b2b01fd7a',50599,1796074145040806600,NULL,'2026-11-30T21:29:05.832422+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0013.png','d48f059b9e35190cceeb',39506,1796074145070988208,NULL,'2026-11-30T21:29:05.840347+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0014.png','1c988411435c980bea28',38661,1796074145101243777,NULL,'2026-11-30T21:29:05.848602+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0015.png','01231811163ed686bbd2',42569,1796074145139753322,NULL,'2026-11-30T21:29:05.863610+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0016.png','4691b6cf69ae33f3c17f',44404,1796074145179710129,NULL,'2026-11-30T21:29:05.877690+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0017.png','6e19ce1ca2097c411aec',44985,1796074145218787936,NULL,'2026-11-30T21:29:05.889642+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0018.png','6e4a80c632366ab74717',40562,1796074145252708760,NULL,'2026-11-30T21:29:05.904072+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0019.png','adbbb71825d8a5862048',45176,1796074145310127001,NULL,'2026-11-30T21:29:05.916007+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0020.png','1e548519923dd0100fe7',41723,1796074145334245908,NULL,'2026-11-30T21:29:05.917611+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0021.png','ff49d5d0e79c1a78928d',47807,1796074145353555703,NULL,'2026-11-30T21:29:05.923341+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0022.png','e4143afc159741c3fc74',43400,1796074145401594248,NULL,'2026-11-30T21:29:05.924924+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0023.png','620f406a84f85c0a4a9b',46208,1796074145456254206,NULL,'2026-11-30T21:29:05.926242+00:00');
INSERT INTO "files" VALUES('/phantoms/phantom_0024.png','c2ea4655f0601630f8f5',39136,1796074145486958313,NULL,'2026-11-30T21:29:05.934352+00:00');
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
INSERT INTO "items" VALUES('1-610b8df20c12b7a49782',3,2,1,'rotation',0,'sheet','turned_90','["d6816a4174a727d017be"]','2026-11-30T21:34:01.113186+00:00','2026-11-30T21:34:08.146174+00:00');
INSERT INTO "items" VALUES('1-2bf968f6fbee4677cadc',3,3,1,'rotation',1,'sheet','turned_180','["8c2c805d204f01a0f81e"]','2026-11-30T21:34:01.118191+00:00','2026-11-30T21:34:04.664216+00:00');
INSERT INTO "items" VALUES('1-fbb0df65c38cd3f27d7f',3,4,1,'rotation',2,'sheet','turned_270','["08c448c06f7bc8c80091"]','2026-11-30T21:34:01.119090+00:00','2026-11-30T21:34:04.664565+00:00');
INSERT INTO "items" VALUES('1-f10b1a9cb55bf1161bb9',3,1,1,'rotation',3,'sheet','upright','["4691b6cf69ae33f3c17f", "57a87edfbb3df16801be", "620f406a84f85c0a4a9b", "c2ea4655f0601630f8f5", "f0d090ab3ac081099fa1", "ff49d5d0e79c1a78928d"]','2026-11-30T21:34:01.119575+00:00','2026-11-30T21:34:04.665031+00:00');
INSERT INTO "items" VALUES('2-831574f5c932f4db8dcc',4,6,2,'rotation',0,'single','','["08c448c06f7bc8c80091"]','2026-11-30T21:34:09.335807+00:00','2026-11-30T21:34:18.954149+00:00');
INSERT INTO "items" VALUES('2-75a962a7cb7ae193dd45',4,7,2,'rotation',1,'single','','["4691b6cf69ae33f3c17f"]','2026-11-30T21:34:09.336478+00:00','2026-11-30T21:34:15.247118+00:00');
INSERT INTO "items" VALUES('2-b5fb9a6cdc9e63fdb555',4,5,2,'rotation',2,'single','','["8c2c805d204f01a0f81e"]','2026-11-30T21:34:09.336798+00:00','2026-11-30T21:34:15.251027+00:00');
INSERT INTO "items" VALUES('3-494f292c24cd4ebdeec6',3,8,3,'rotation',0,'sheet','upright','["01231811163ed686bbd2", "6e19ce1ca2097c411aec", "7aa364456aaedf9d133e", "88a669a06548cdbb2d81", "8b99e7dad2c6bbe9b7e0", "d48f059b9e35190cceeb"]','2026-11-30T21:34:09.901657+00:00','2026-11-30T21:34:14.840877+00:00');
INSERT INTO "items" VALUES('3-3f3d4fb256fd763f8f61',3,9,3,'rotation',1,'sheet','upright','["e4143afc159741c3fc74", "e5ccd76f3e5218f38092", "e952451b6d48738626a6"]','2026-11-30T21:34:09.902338+00:00','2026-11-30T21:34:14.841371+00:00');
INSERT INTO "items" VALUES('4-18a950f7da4fd72d9ae0',4,11,4,'rotation',0,'single','','["01231811163ed686bbd2"]','2026-11-30T21:34:19.951626+00:00',NULL);
INSERT INTO "items" VALUES('4-7ce09443dc95e61f2563',4,10,4,'rotation',1,'single','','["e4143afc159741c3fc74"]','2026-11-30T21:34:19.952335+00:00',NULL);
INSERT INTO "items" VALUES('5-4c3be4b37be4c1030b89',3,12,5,'rotation',0,'sheet','upright','["1c988411435c980bea28", "1e548519923dd0100fe7", "215b8687a9fbe441ba05", "41bce2e9b09b2b01fd7a", "6e4a80c632366ab74717", "adbbb71825d8a5862048"]','2026-11-30T21:34:20.429561+00:00',NULL);
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
	PRIMARY KEY (id), 
	FOREIGN KEY(radiograph_id) REFERENCES radiographs (radiograph_id)
);
INSERT INTO "labels" VALUES(1,'4691b6cf69ae33f3c17f','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:34:03.142416Z','2026-11-30T21:34:04.641608+00:00','1-f10b1a9cb55bf1161bb9/4','2026-11-30T21:34:03.142416Z',NULL);
INSERT INTO "labels" VALUES(2,'57a87edfbb3df16801be','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:03.142416Z','2026-11-30T21:34:04.641608+00:00','1-f10b1a9cb55bf1161bb9/4','2026-11-30T21:34:03.142416Z',NULL);
INSERT INTO "labels" VALUES(3,'620f406a84f85c0a4a9b','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:03.142416Z','2026-11-30T21:34:04.641608+00:00','1-f10b1a9cb55bf1161bb9/4','2026-11-30T21:34:03.142416Z',NULL);
INSERT INTO "labels" VALUES(4,'c2ea4655f0601630f8f5','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:03.142416Z','2026-11-30T21:34:04.641608+00:00','1-f10b1a9cb55bf1161bb9/4','2026-11-30T21:34:03.142416Z',NULL);
INSERT INTO "labels" VALUES(5,'f0d090ab3ac081099fa1','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:03.142416Z','2026-11-30T21:34:04.641608+00:00','1-f10b1a9cb55bf1161bb9/4','2026-11-30T21:34:03.142416Z',NULL);
INSERT INTO "labels" VALUES(6,'ff49d5d0e79c1a78928d','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:03.142416Z','2026-11-30T21:34:04.641608+00:00','1-f10b1a9cb55bf1161bb9/4','2026-11-30T21:34:03.142416Z',NULL);
INSERT INTO "labels" VALUES(7,'d6816a4174a727d017be','rotation','turned_90',1,'REVIEWER','user 1','2026-11-30T21:34:01.821078Z','2026-11-30T21:34:04.651792+00:00','1-610b8df20c12b7a49782/1','2026-11-30T21:34:01.821078Z','2026-11-30T21:34:06.432979+00:00');
INSERT INTO "labels" VALUES(8,'8c2c805d204f01a0f81e','rotation','turned_180',1,'REVIEWER','user 1','2026-11-30T21:34:02.304041Z','2026-11-30T21:34:04.652974+00:00','1-2bf968f6fbee4677cadc/2','2026-11-30T21:34:02.304041Z',NULL);
INSERT INTO "labels" VALUES(9,'08c448c06f7bc8c80091','rotation','turned_270',1,'REVIEWER','user 1','2026-11-30T21:34:02.729724Z','2026-11-30T21:34:04.653721+00:00','1-fbb0df65c38cd3f27d7f/3','2026-11-30T21:34:02.729724Z',NULL);
INSERT INTO "labels" VALUES(10,'d6816a4174a727d017be','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:34:06.743639Z','2026-11-30T21:34:08.145025+00:00','1-610b8df20c12b7a49782/5','2026-11-30T21:34:06.743639Z',NULL);
INSERT INTO "labels" VALUES(11,'01231811163ed686bbd2','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:34:13.078587Z','2026-11-30T21:34:14.830393+00:00','3-494f292c24cd4ebdeec6/9','2026-11-30T21:34:13.078587Z',NULL);
INSERT INTO "labels" VALUES(12,'6e19ce1ca2097c411aec','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.078587Z','2026-11-30T21:34:14.830393+00:00','3-494f292c24cd4ebdeec6/9','2026-11-30T21:34:13.078587Z',NULL);
INSERT INTO "labels" VALUES(13,'7aa364456aaedf9d133e','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.078587Z','2026-11-30T21:34:14.830393+00:00','3-494f292c24cd4ebdeec6/9','2026-11-30T21:34:13.078587Z',NULL);
INSERT INTO "labels" VALUES(14,'88a669a06548cdbb2d81','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.078587Z','2026-11-30T21:34:14.830393+00:00','3-494f292c24cd4ebdeec6/9','2026-11-30T21:34:13.078587Z',NULL);
INSERT INTO "labels" VALUES(15,'8b99e7dad2c6bbe9b7e0','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.078587Z','2026-11-30T21:34:14.830393+00:00','3-494f292c24cd4ebdeec6/9','2026-11-30T21:34:13.078587Z',NULL);
INSERT INTO "labels" VALUES(16,'d48f059b9e35190cceeb','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.078587Z','2026-11-30T21:34:14.830393+00:00','3-494f292c24cd4ebdeec6/9','2026-11-30T21:34:13.078587Z',NULL);
INSERT INTO "labels" VALUES(17,'e4143afc159741c3fc74','rotation','upright',1,'REVIEWER','user 1','2026-11-30T21:34:13.499047Z','2026-11-30T21:34:14.840030+00:00','3-3f3d4fb256fd763f8f61/10','2026-11-30T21:34:13.499047Z',NULL);
INSERT INTO "labels" VALUES(18,'e5ccd76f3e5218f38092','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.499047Z','2026-11-30T21:34:14.840030+00:00','3-3f3d4fb256fd763f8f61/10','2026-11-30T21:34:13.499047Z',NULL);
INSERT INTO "labels" VALUES(19,'e952451b6d48738626a6','rotation','upright',0,'REVIEWER','user 1','2026-11-30T21:34:13.499047Z','2026-11-30T21:34:14.840030+00:00','3-3f3d4fb256fd763f8f61/10','2026-11-30T21:34:13.499047Z',NULL);
INSERT INTO "labels" VALUES(20,'8c2c805d204f01a0f81e','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:34:12.630288Z','2026-11-30T21:34:15.244529+00:00','2-b5fb9a6cdc9e63fdb555/8','2026-11-30T21:34:12.630288Z',NULL);
INSERT INTO "labels" VALUES(21,'08c448c06f7bc8c80091','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:34:11.773647Z','2026-11-30T21:34:15.245497+00:00','2-831574f5c932f4db8dcc/6','2026-11-30T21:34:11.773647Z','2026-11-30T21:34:17.101796+00:00');
INSERT INTO "labels" VALUES(22,'4691b6cf69ae33f3c17f','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:34:12.161861Z','2026-11-30T21:34:15.246217+00:00','2-75a962a7cb7ae193dd45/7','2026-11-30T21:34:12.161861Z',NULL);
INSERT INTO "labels" VALUES(23,'08c448c06f7bc8c80091','rotation','turned_90',0,'REVIEWER','user 1','2026-11-30T21:34:17.163938Z','2026-11-30T21:34:18.953079+00:00','2-831574f5c932f4db8dcc/11','2026-11-30T21:34:17.163938Z',NULL);
CREATE TABLE model_versions (
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	trained_at VARCHAR NOT NULL, 
	reviewer_labels INTEGER NOT NULL, 
	judgement JSON NOT NULL, 
	PRIMARY KEY (detector_task, model_version)
);
INSERT INTO "model_versions" VALUES('inversion','tiny-d7a163010c4e','2026-11-30T21:31:00.099492+00:00',0,'{"publish": true, "reason": "the first version: 0 of 20 sealed views wrong", "champion": null, "sealed_views": 20, "sealed_errors": 0, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
INSERT INTO "model_versions" VALUES('rotation','tiny-d7a163010c4e','2026-11-30T21:31:00.578439+00:00',0,'{"publish": true, "reason": "the first version: 6 of 40 sealed views wrong", "champion": null, "sealed_views": 40, "sealed_errors": 6, "champion_sealed_errors": null, "confirmed_bad": 0, "confirmed_found": 0, "contradicted": []}');
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
INSERT INTO "picks" VALUES(1,'08c448c06f7bc8c80091',1,'likely','probably turned_270: 0.434');
INSERT INTO "picks" VALUES(1,'d6816a4174a727d017be',2,'likely','probably turned_90: 0.403');
INSERT INTO "picks" VALUES(1,'8c2c805d204f01a0f81e',3,'likely','probably turned_180: 0.429');
INSERT INTO "picks" VALUES(1,'620f406a84f85c0a4a9b',4,'likely','probably upright: 0.387');
INSERT INTO "picks" VALUES(1,'ff49d5d0e79c1a78928d',5,'outlier','unlike the rest: 1.0');
INSERT INTO "picks" VALUES(1,'f0d090ab3ac081099fa1',6,'uncertain','undecided: uncertainty 0.781');
INSERT INTO "picks" VALUES(1,'4691b6cf69ae33f3c17f',7,'uncertain','undecided: uncertainty 0.464');
INSERT INTO "picks" VALUES(1,'57a87edfbb3df16801be',8,'audit','drawn at random from 17 films nobody has looked at');
INSERT INTO "picks" VALUES(1,'c2ea4655f0601630f8f5',9,'audit','drawn at random from 17 films nobody has looked at');
INSERT INTO "picks" VALUES(2,'08c448c06f7bc8c80091',1,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(2,'4691b6cf69ae33f3c17f',2,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(2,'8c2c805d204f01a0f81e',3,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(3,'e5ccd76f3e5218f38092',1,'outlier','unlike the rest: 1.0');
INSERT INTO "picks" VALUES(3,'d48f059b9e35190cceeb',2,'uncertain','undecided: uncertainty 0.297');
INSERT INTO "picks" VALUES(3,'88a669a06548cdbb2d81',3,'uncertain','undecided: uncertainty 0.260');
INSERT INTO "picks" VALUES(3,'8b99e7dad2c6bbe9b7e0',4,'uncertain','undecided: uncertainty 0.184');
INSERT INTO "picks" VALUES(3,'6e19ce1ca2097c411aec',5,'uncertain','undecided: uncertainty 0.179');
INSERT INTO "picks" VALUES(3,'e4143afc159741c3fc74',6,'uncertain','undecided: uncertainty 0.178');
INSERT INTO "picks" VALUES(3,'7aa364456aaedf9d133e',7,'uncertain','undecided: uncertainty 0.177');
INSERT INTO "picks" VALUES(3,'e952451b6d48738626a6',8,'audit','drawn at random from 8 films nobody has looked at');
INSERT INTO "picks" VALUES(3,'01231811163ed686bbd2',9,'audit','drawn at random from 8 films nobody has looked at');
INSERT INTO "picks" VALUES(4,'01231811163ed686bbd2',1,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(4,'e4143afc159741c3fc74',2,'uncertain','flagged on a contact sheet');
INSERT INTO "picks" VALUES(5,'1c988411435c980bea28',1,'outlier','unlike the rest: 1.0');
INSERT INTO "picks" VALUES(5,'215b8687a9fbe441ba05',2,'uncertain','undecided: uncertainty 0.171');
INSERT INTO "picks" VALUES(5,'1e548519923dd0100fe7',3,'uncertain','undecided: uncertainty 0.159');
INSERT INTO "picks" VALUES(5,'41bce2e9b09b2b01fd7a',4,'uncertain','undecided: uncertainty 0.158');
INSERT INTO "picks" VALUES(5,'6e4a80c632366ab74717',5,'audit','drawn at random from 2 films nobody has looked at');
INSERT INTO "picks" VALUES(5,'adbbb71825d8a5862048',6,'audit','drawn at random from 2 films nobody has looked at');
CREATE TABLE projects (
	detector_task VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	label_studio_url VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	PRIMARY KEY (detector_task, kind, label_studio_url)
);
INSERT INTO "projects" VALUES('inversion','sheet','http://127.0.0.1:37183',1);
INSERT INTO "projects" VALUES('inversion','single','http://127.0.0.1:37183',2);
INSERT INTO "projects" VALUES('rotation','sheet','http://127.0.0.1:37183',3);
INSERT INTO "projects" VALUES('rotation','single','http://127.0.0.1:37183',4);
CREATE TABLE publications (
	id INTEGER NOT NULL, 
	detector_task VARCHAR NOT NULL, 
	model_version VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	published_at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "publications" VALUES(1,'inversion','tiny-d7a163010c4e','first','2026-11-30T21:31:00.319986+00:00');
INSERT INTO "publications" VALUES(2,'rotation','tiny-d7a163010c4e','first','2026-11-30T21:31:00.753088+00:00');
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
INSERT INTO "radiographs" VALUES('e952451b6d48738626a6',0,279,256,'PNG','[]','{}','5cd1b67c5441afc5ee3e238b','metadata',28.0,'M','PA','2026-11-30T21:29:05.713639+00:00');
INSERT INTO "radiographs" VALUES('88a669a06548cdbb2d81',1,271,256,'PNG','[]','{}','5cd1b67c5441afc5ee3e238b','metadata',28.0,'M','PA','2026-11-30T21:29:05.732064+00:00');
INSERT INTO "radiographs" VALUES('57a87edfbb3df16801be',2,268,256,'PNG','[]','{}','920673371f38acb78e15ed35','metadata',69.0,'M','AP','2026-11-30T21:29:05.745114+00:00');
INSERT INTO "radiographs" VALUES('08c448c06f7bc8c80091',3,256,285,'PNG','[]','{}','920673371f38acb78e15ed35','metadata',69.0,'M','AP','2026-11-30T21:29:05.759087+00:00');
INSERT INTO "radiographs" VALUES('f0d090ab3ac081099fa1',4,285,256,'PNG','[]','{}','c3f1af0b4ed29fa5e162c9db','metadata',89.0,'M','PA','2026-11-30T21:29:05.773570+00:00');
INSERT INTO "radiographs" VALUES('e5ccd76f3e5218f38092',5,246,256,'PNG','[]','{}','b088c0868f0af1712f4ffc39','metadata',33.0,'M','PA','2026-11-30T21:29:05.779771+00:00');
INSERT INTO "radiographs" VALUES('d6816a4174a727d017be',6,256,270,'PNG','[]','{}','b088c0868f0af1712f4ffc39','metadata',33.0,'M','PA','2026-11-30T21:29:05.786277+00:00');
INSERT INTO "radiographs" VALUES('8c2c805d204f01a0f81e',7,242,256,'PNG','[]','{}','b088c0868f0af1712f4ffc39','metadata',33.0,'M','AP','2026-11-30T21:29:05.799020+00:00');
INSERT INTO "radiographs" VALUES('215b8687a9fbe441ba05',8,244,256,'PNG','[]','{}','f0b37928c5fa88d4a53be507','metadata',24.0,'F','AP','2026-11-30T21:29:05.811014+00:00');
INSERT INTO "radiographs" VALUES('7aa364456aaedf9d133e',9,224,256,'PNG','[]','{}','10b97a5332c1a0cc54648dca','metadata',53.0,'M','AP','2026-11-30T21:29:05.816517+00:00');
INSERT INTO "radiographs" VALUES('8b99e7dad2c6bbe9b7e0',10,281,256,'PNG','[]','{}','2fa92f242828ea875d7a4761','metadata',90.0,'F','AP','2026-11-30T21:29:05.823022+00:00');
INSERT INTO "radiographs" VALUES('41bce2e9b09b2b01fd7a',11,275,256,'PNG','[]','{}','2fa92f242828ea875d7a4761','metadata',90.0,'F','PA','2026-11-30T21:29:05.832036+00:00');
INSERT INTO "radiographs" VALUES('d48f059b9e35190cceeb',12,277,256,'PNG','[]','{}','2fa92f242828ea875d7a4761','metadata',90.0,'F','AP','2026-11-30T21:29:05.840112+00:00');
INSERT INTO "radiographs" VALUES('1c988411435c980bea28',13,235,256,'PNG','[]','{}','5399e08ce899b192f9f4c98c','metadata',21.0,'M','PA','2026-11-30T21:29:05.848339+00:00');
INSERT INTO "radiographs" VALUES('01231811163ed686bbd2',14,286,256,'PNG','[]','{}','5399e08ce899b192f9f4c98c','metadata',21.0,'M','PA','2026-11-30T21:29:05.863227+00:00');
INSERT INTO "radiographs" VALUES('4691b6cf69ae33f3c17f',15,274,256,'PNG','[]','{}','2624ea3d3fce8ed6ef84af6d','metadata',31.0,'M','PA','2026-11-30T21:29:05.877348+00:00');
INSERT INTO "radiographs" VALUES('6e19ce1ca2097c411aec',16,241,256,'PNG','[]','{}','2624ea3d3fce8ed6ef84af6d','metadata',31.0,'M','PA','2026-11-30T21:29:05.889275+00:00');
INSERT INTO "radiographs" VALUES('6e4a80c632366ab74717',17,283,256,'PNG','[]','{}','2624ea3d3fce8ed6ef84af6d','metadata',31.0,'M','PA','2026-11-30T21:29:05.903587+00:00');
INSERT INTO "radiographs" VALUES('adbbb71825d8a5862048',18,283,256,'PNG','[]','{}','8063ccbea182995a9367ced2','metadata',22.0,'F','PA','2026-11-30T21:29:05.915533+00:00');
INSERT INTO "radiographs" VALUES('1e548519923dd0100fe7',19,231,256,'PNG','[]','{}','7e951f066ffba48cbf62c823','metadata',56.0,'M','PA','2026-11-30T21:29:05.917390+00:00');
INSERT INTO "radiographs" VALUES('ff49d5d0e79c1a78928d',20,273,256,'PNG','[]','{}','7e951f066ffba48cbf62c823','metadata',56.0,'M','PA','2026-11-30T21:29:05.922951+00:00');
INSERT INTO "radiographs" VALUES('e4143afc159741c3fc74',21,248,256,'PNG','[]','{}','7e951f066ffba48cbf62c823','metadata',56.0,'M','PA','2026-11-30T21:29:05.924655+00:00');
INSERT INTO "radiographs" VALUES('620f406a84f85c0a4a9b',22,256,271,'PNG','[]','{}','e4ba2aa42657ee6276dc1333','metadata',23.0,'M','PA','2026-11-30T21:29:05.926056+00:00');
INSERT INTO "radiographs" VALUES('c2ea4655f0601630f8f5',23,226,256,'PNG','[]','{}','f0b2cf37baaeab210e32b89f','metadata',18.0,'F','PA','2026-11-30T21:29:05.934070+00:00');
CREATE INDEX ix_radiographs_patient_key ON radiographs (patient_key);
CREATE INDEX ix_publications_detector_task ON publications (detector_task);
CREATE INDEX ix_batches_detector_task ON batches (detector_task);
CREATE INDEX ix_items_batch_id ON items (batch_id);
CREATE INDEX ix_items_detector_task ON items (detector_task);
CREATE INDEX ix_files_radiograph_id ON files (radiograph_id);
CREATE INDEX ix_labels_detector_task ON labels (detector_task);
CREATE INDEX ix_labels_radiograph_id ON labels (radiograph_id);
CREATE INDEX ix_labels_annotation ON labels (annotation);
COMMIT;
