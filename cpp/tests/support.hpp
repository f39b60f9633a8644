// Small hands, samples and models that the tests share.
#pragma once

#include <mujoco/mujoco.h>

#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <string>

#include "handloop/controller.hpp"
#include "handloop/random.hpp"
#include "handloop/sim_plant.hpp"

namespace handloop::testing {

inline constexpr double kPeriod = 0.001;  // [s]
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

inline JointVector joints(std::initializer_list<double> values) {
  JointVector v(static_cast<Eigen::Index>(values.size()));
  Eigen::Index i = 0;
  for (double value : values) v[i++] = value;
  return v;
}

// A frame whose z axis is `z`: how a pad that presses along `z` is mounted.
inline Mat3 facing(const Vec3& z) {
  return Eigen::Quaterniond::FromTwoVectors(Vec3::UnitZ(), z).toRotationMatrix();
}

// Thumb and finger on slides, pads towards each other along x, 10 cm apart at q = 0.
inline HandModel pinch_hand() {
  HandModel hand;
  hand.joint_count = hand.finger_count = 2;
  for (std::size_t i = 0; i < 2; ++i) {
    const Vec3 inward = i == 0 ? Vec3::UnitX() : Vec3(-Vec3::UnitX());
    Link& link = hand.link[i];
    link.kind = JointKind::kSlide;
    link.parent_from_link_position = -0.05 * inward;
    link.axis = inward;
    link.mass = 0.1;
    hand.tip[i] = {static_cast<int>(i), Vec3::Zero(), facing(inward)};
  }
  return hand;
}

// Two hinges about z, in the plane of x and y, gravity along -y.
struct TwoLinks {
  double length = 0.3, com1 = 0.12, com2 = 0.09;  // [m]
  double mass1 = 0.7, mass2 = 0.4;                // [kg]
  double inertia1 = 0.004, inertia2 = 0.002;      // [kg m2], about z through the centre of mass

  HandModel hand() const {
    HandModel h;
    h.joint_count = 2;
    h.finger_count = 1;
    h.gravity = {0.0, -9.81, 0.0};
    h.link[0].mass = mass1;
    h.link[0].com = {com1, 0.0, 0.0};
    h.link[0].inertia = Vec3(1e-3, 1e-3, inertia1).asDiagonal();
    h.link[1].parent = 0;
    h.link[1].parent_from_link_position = {length, 0.0, 0.0};
    h.link[1].mass = mass2;
    h.link[1].com = {com2, 0.0, 0.0};
    h.link[1].inertia = Vec3(1e-3, 1e-3, inertia2).asDiagonal();
    h.tip[0] = {1, {0.2, 0.0, 0.0}, Mat3::Identity()};
    return h;
  }
};

inline Vec3 random_vector(Random& random) {
  return {random.normal(), random.normal(), random.normal()};
}

inline Mat3 random_rotation(Random& random) {
  return Eigen::Quaterniond(random.normal(), random.normal(), random.normal(), random.normal())
      .normalized()
      .toRotationMatrix();
}

inline JointVector random_joints(Random& random, int count, double deviation) {
  JointVector v(count);
  for (double& x : v) x = deviation * random.normal();
  return v;
}

// A tree of hinges and slides with nothing symmetric about it: a stem of three joints, two fingers.
inline HandModel random_hand(std::uint64_t seed) {
  Random random(seed);
  HandModel hand;
  hand.joint_count = 9;
  hand.finger_count = 2;
  hand.base_position = random_vector(random);
  hand.base_rotation = random_rotation(random);
  hand.gravity = 5.0 * random_vector(random);
  for (int i = 0; i < hand.joint_count; ++i) {
    Link& link = hand.link[static_cast<std::size_t>(i)];
    link.parent = i == 6 ? 2 : i - 1;  // joints 3 to 5 and 6 to 8 are fingers on the stem
    link.kind = i % 3 == 1 ? JointKind::kSlide : JointKind::kHinge;
    link.parent_from_link_position = 0.1 * random_vector(random);
    link.parent_from_link_rotation = random_rotation(random);
    link.anchor = 0.05 * random_vector(random);
    link.axis = random_vector(random).normalized();
    link.reference = 0.3 * random.normal();
    link.mass = 0.1 + 0.2 * random.uniform();
    link.com = 0.05 * random_vector(random);
    const Mat3 axes = random_rotation(random);
    link.inertia = axes * Vec3(3e-4, 4e-4, 5e-4).asDiagonal() * axes.transpose();
    link.armature = 1e-3 * random.uniform();
  }
  hand.tip[0] = {5, 0.05 * random_vector(random), random_rotation(random)};
  hand.tip[1] = {8, 0.05 * random_vector(random), random_rotation(random)};
  return hand;
}

// What fits any of the hands above; finger 0 is the thumb.
inline ControllerConfig config_for(const HandModel& hand) {
  ControllerConfig c;
  const int n = hand.joint_count;
  c.period = kPeriod;
  c.law.stiffness = JointVector::Constant(n, 20.0);
  c.law.damping = JointVector::Constant(n, 0.5);
  c.law.integral_gain[1] = 10.0;
  c.grip.share = {1.0, 1.0};
  c.safety.position_min = JointVector::Constant(n, -2.0);
  c.safety.position_max = JointVector::Constant(n, 2.0);
  c.safety.torque_max = JointVector::Constant(n, 8.0);
  return c;
}

// Motors with friction, heat and a supply that sags.
inline void add_motors(ControllerConfig& c) {
  c.motors.count = static_cast<int>(c.law.stiffness.size());
  c.motors.friction_compensation = 0.8;
  for (Motor& m : c.motors.motor) {
    m.resistance = m.back_emf = 1.0;
    m.current_max = 6.0;
    m.friction.coulomb = 0.05;
    m.thermal.winding_resistance = m.thermal.housing_resistance = 2.0;
  }
  c.motors.rail[0] = {.voltage = 12.0, .resistance = 0.1, .voltage_min = 8.0};
}

// Two tendons from every link to the one before, through guides that rub.
inline void add_tendons(ControllerConfig& c, const HandModel& hand) {
  TransmissionConfig& t = c.transmission;
  Random random(51);
  t.kind = TransmissionKind::kTendons;
  t.friction.coefficient = 0.1;
  t.tendons.count = 2 * hand.joint_count;
  for (int m = 0; m < t.tendons.count; ++m) {
    Tendon& tendon = t.tendons.tendon[static_cast<std::size_t>(m)];
    const int parent = hand.link[static_cast<std::size_t>(m / 2)].parent;
    tendon.point_count = 3;
    tendon.point[0] = {parent, 0.02 * random_vector(random)};
    tendon.point[1] = {parent, 0.02 * random_vector(random)};
    tendon.point[2] = {m / 2, 0.02 * random_vector(random)};
    t.joint_of_motor.push_back(-1);
  }
  t.bounds.min = t.bounds.rest = ActuatorVector::Constant(t.tendons.count, 2.0);
  t.bounds.max = ActuatorVector::Constant(t.tendons.count, 400.0);
}

inline HandState still(int joint_count, double time) {
  HandState s;
  s.time = time;
  s.q = s.dq = JointVector::Zero(joint_count);
  return s;
}

// A pad pressed with `normal` and dragged with `tangential` [N] along the first tangent.
inline FingerContact pressed(double normal, double tangential = 0.0, double slip_speed = 0.0) {
  FingerContact c;
  c.touching = true;
  c.force = {normal, tangential, 0.0};
  c.slip_speed = slip_speed;
  return c;
}

// Pulls a pinch through everything that can happen to it, over and over: reach, touch, settle,
// slip, bad and late samples, every safety state. `step` makes the sample of one tick.
class Drill {
 public:
  static constexpr int kCycle = 3000;  // [ticks]

  explicit Drill(Controller& controller) : controller_(controller) {
    state_ = still(controller.model().joint_count, 0.0);
  }

  // Also does what comes from outside a tick, a reset or a request to stop.
  const HandState& step(int tick) {
    const int k = tick % kCycle;
    now_ = kPeriod * tick;
    if (k == 0 || (k >= 1600 && k % 200 == 0)) controller_.reset();
    if (k == 1550) controller_.request_stop();
    state_ = still(controller_.model().joint_count, now_);
    for (double& q : state_.q) q = 0.1 * std::sin(0.01 * k);
    if (k >= 50) touch(k);
    spoil(k);
    return state_;
  }

  double now() const { return now_; }

 private:
  void touch(int k) {
    const bool slips = (k > 500 && k < 560) || (k > 600 && k < 610);
    for (int f = 0; f < controller_.model().finger_count; ++f) {
      state_.contact[static_cast<std::size_t>(f)] =
          pressed(2.0 + 0.5 * f, slips ? 1.3 : 0.001 * k, slips ? 0.02 : 0.0);
    }
    if (k % 97 == 0) state_.contact[0] = {};  // lost for one sample
  }

  void spoil(int k) {
    const auto within = [k](int from, int to) { return k >= from && k < to; };
    if (within(700, 703) || within(1300, 1450)) state_.q[0] = kNan;   // DEGRADED; LIMP
    if (within(710, 712)) state_.contact[1].force.y() = -kInfinity;   // DEGRADED
    if (within(900, 903) || within(1000, 1030)) state_.time -= 0.03;  // DEGRADED; HOLD
    if (within(1680, 1710)) state_.q[1] = 0.1 * (k - 1680);           // beyond its range: HOLD
    if (within(1900, 1910)) state_.dq[0] = 100.0;                     // too fast: HOLD
    if (within(2100, 2110)) state_.q[1] = 1.0;                        // jumps: HOLD
    if (within(2300, 2310)) state_.contact[0].force.x() = 100.0;      // crushes: HOLD
    if (within(2500, 2600)) state_.temperature = joints({20.0, k < 2550 ? 80.0 : 90.0});
    if (within(2700, 2710)) state_.emergency_stop = true;
  }

  Controller& controller_;
  HandState state_;
  double now_ = 0.0;
};

struct FreeModel {
  void operator()(mjModel* m) const { mj_deleteModel(m); }
};
struct FreeData {
  void operator()(mjData* d) const { mj_deleteData(d); }
};
using ModelPointer = std::unique_ptr<mjModel, FreeModel>;
using DataPointer = std::unique_ptr<mjData, FreeData>;

inline ModelPointer compile(const std::string& xml) {
  char error[500] = "";
  mjSpec* spec = mj_parseXMLString(xml.c_str(), nullptr, error, sizeof(error));
  if (!spec) throw std::runtime_error(error);
  ModelPointer model(mj_compile(spec, nullptr));
  const std::string reason = model ? "" : mjs_getError(spec);
  mj_deleteSpec(spec);
  if (!model) throw std::runtime_error(reason);
  return model;
}

// The pinch in MuJoCo, around a box of 60 mm that stands on a mocap table.
inline ModelPointer pinch_model(double timestep = kPeriod) {
  return compile(R"(<mujoco>
    <option timestep=")" +
                 std::to_string(timestep) + R"(" integrator="implicitfast" cone="elliptic"/>
    <worldbody>
      <body name="thumb" pos="-0.05 0 0">
        <joint name="thumb" type="slide" axis="1 0 0" damping="2"/>
        <geom name="thumb" type="sphere" size="0.01" mass="0.1"/>
        <site name="thumb_tip" pos="0.01 0 0" zaxis="1 0 0"/>
      </body>
      <body name="finger" pos="0.05 0 0">
        <joint name="finger" type="slide" axis="-1 0 0" damping="2"/>
        <geom name="finger" type="sphere" size="0.01" mass="0.1"/>
        <site name="finger_tip" pos="-0.01 0 0" zaxis="-1 0 0"/>
      </body>
      <body name="box">
        <freejoint/>
        <geom name="box" type="box" size="0.03 0.03 0.03" mass="0.05" friction="0.8"/>
      </body>
      <body name="table" mocap="true" pos="0 0 -0.04">
        <geom type="box" size="0.02 0.2 0.01"/>
      </body>
    </worldbody>
    <actuator>
      <motor name="thumb" joint="thumb"/>
      <motor name="finger" joint="finger"/>
    </actuator>
    <sensor>
      <contact name="thumb_contact" geom1="thumb" reduce="maxforce"
               data="found force pos normal tangent"/>
      <contact name="finger_contact" geom1="finger" reduce="maxforce"
               data="found force pos normal tangent"/>
      <contact name="net" geom1="thumb" reduce="netforce" data="found force pos normal tangent"/>
      <contact name="torque" geom1="thumb" data="found force torque dist pos normal tangent"/>
      <touch name="touch" site="thumb_tip"/>
    </sensor>
  </mujoco>)");
}

inline int id_of(const mjModel& m, mjtObj type, const char* name) {
  return mj_name2id(&m, type, name);
}

inline SimPlantIds pinch_ids(const mjModel& m) {
  SimPlantIds ids;
  for (const std::string name : {"thumb", "finger"}) {
    ids.joint.push_back(id_of(m, mjOBJ_JOINT, name.c_str()));
    ids.actuator.push_back(id_of(m, mjOBJ_ACTUATOR, name.c_str()));
    ids.tip.push_back(id_of(m, mjOBJ_SITE, (name + "_tip").c_str()));
    ids.contact.push_back(id_of(m, mjOBJ_SENSOR, (name + "_contact").c_str()));
  }
  return ids;
}

}  // namespace handloop::testing
