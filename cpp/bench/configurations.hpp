// What is timed and counted: one row per configuration. A new stage of the tick gets a row here and
// a budget by `make latency-budget`; nothing else has to know of it.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "../tests/support.hpp"

namespace handloop::bench {

using testing::random_rotation;
using testing::random_vector;

struct Configuration {
  std::string name;
  HandModel hand;
  ControllerConfig config;
  TaskPlan plan{};
};

inline Link random_link(Random& random, int parent) {
  Link link;
  link.parent = parent;
  link.parent_from_link_position = 0.03 * random_vector(random);
  link.parent_from_link_rotation = random_rotation(random);
  link.axis = random_vector(random).normalized();
  link.mass = 0.01 + 0.02 * random.uniform();
  link.com = 0.01 * random_vector(random);
  link.inertia = Vec3(3e-6, 4e-6, 5e-6).asDiagonal();
  return link;
}

// Turns the pads to the middle between them, as around an object.
inline void face_each_other(HandModel& hand) {
  HandKinematics kinematics(hand);
  Vec3 middle = Vec3::Zero();
  for (int f = 0; f < hand.finger_count; ++f) {
    middle += kinematics.tip_position(f) / hand.finger_count;
  }
  for (int f = 0; f < hand.finger_count; ++f) {
    Tip& tip = hand.tip[static_cast<std::size_t>(f)];
    const Mat3 world_from_link =
        kinematics.tip_rotation(f) * tip.link_from_tip_rotation.transpose();
    tip.link_from_tip_rotation =
        world_from_link.transpose() * testing::facing(middle - kinematics.tip_position(f));
  }
}

// Hinges in every direction: a stem, and fingers on it. The tick branches on the shape of the tree
// and not on its numbers, so a made-up hand costs what a real one of that shape does, and stays the
// same when the models are tuned.
inline HandModel tree_hand(int stem, std::initializer_list<int> joints_of_finger) {
  Random random(7);
  HandModel hand;
  const auto grow = [&](int parent) {
    hand.link[static_cast<std::size_t>(hand.joint_count)] = random_link(random, parent);
    return hand.joint_count++;
  };
  int palm = -1;
  for (int i = 0; i < stem; ++i) palm = grow(palm);
  for (const int joints : joints_of_finger) {
    int link = palm;
    for (int i = 0; i < joints; ++i) link = grow(link);
    hand.tip[static_cast<std::size_t>(hand.finger_count++)] = {link, 0.02 * random_vector(random),
                                                               random_rotation(random)};
  }
  face_each_other(hand);
  return hand;
}

inline ControllerConfig grip_config(const HandModel& hand) {
  ControllerConfig c = testing::config_for(hand);
  for (int f = 0; f < hand.finger_count; ++f) {
    c.grip.share[static_cast<std::size_t>(f)] = f == 0 ? 1.0 : 1.0 / (hand.finger_count - 1);
    c.law.integral_gain[static_cast<std::size_t>(f)] = f == 0 ? 0.0 : 10.0;
  }
  return c;
}

inline ControllerConfig motor_config(const HandModel& hand) {
  ControllerConfig c = grip_config(hand);
  testing::add_motors(c);
  return c;
}

inline ControllerConfig tendon_config(const HandModel& hand) {
  ControllerConfig c = grip_config(hand);
  testing::add_tendons(c, hand);
  return c;
}

inline TaskPlan object_plan() {
  TaskPlan plan;
  plan.add({.time = 0.5, .kind = TaskKind::kObject});
  return plan;
}

inline std::vector<Configuration> configurations() {
  const HandModel pinch = testing::pinch_hand();
  const HandModel hand22 = tree_hand(2, {4, 4, 4, 4, 4});
  const HandModel hand27 = tree_hand(3, {5, 4, 4, 5, 6});
  std::vector<Configuration> all{{"pinch", pinch, grip_config(pinch)},
                                 {"hand22", hand22, grip_config(hand22)},
                                 {"hand27", hand27, grip_config(hand27)},
                                 {"hand27-blind", hand27, grip_config(hand27)}};
  all.back().config.grip.adaptive = false;
  all.back().config.grip.blind_level = 5.0;
  all.push_back({"hand27-object", hand27, grip_config(hand27), object_plan()});
  all.push_back({"hand27-full", hand27, motor_config(hand27), object_plan()});
  all.push_back({"hand27-tendons", hand27, tendon_config(hand27), object_plan()});
  all.push_back({"hand27-skinless", hand27, motor_config(hand27)});
  all.back().config.observer.force_source = ForceSource::kMotors;
  all.back().config.safety.contact_force_max = 1e6;  // made-up samples press as they like
  return all;
}

}  // namespace handloop::bench
